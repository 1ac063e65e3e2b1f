import * as z from 'zod';
import type { KeyPath } from './yamlFile.ts';

/** The keys that the schema allows in the mapping at a path; none when any key is allowed. */
export function allowedKeys(schema: z.core.$ZodType, keyPath: KeyPath): string[] {
  const [step, ...rest] = keyPath;
  const inner = forms(schema);
  if (step === undefined)
    return inner.flatMap((each) => (each instanceof z.ZodObject ? Object.keys(each.shape) : []));
  return inner.flatMap((each) => {
    const next = child(each, step);
    return next === undefined ? [] : allowedKeys(next, rest);
  });
}

/** What a value may be, without the wrappers that say "or nothing" and "either". */
function forms(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional) return forms(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(forms);
  return [schema];
}

function child(schema: z.core.$ZodType, step: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return (schema.shape as Record<PropertyKey, z.core.$ZodType>)[step];
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  return undefined;
}
