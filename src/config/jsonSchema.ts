import * as z from 'zod';
import { settingsSchema } from './schema.ts';

/** The JSON Schema of `devenv.yaml` as text, ready to write to `docs/devenv.schema.json`. */
export function devenvJsonSchema(): string {
  // Draft 7 is what the YAML extensions of editors understand best.
  return `${JSON.stringify(z.toJSONSchema(settingsSchema, { target: 'draft-7' }), undefined, 2)}\n`;
}
