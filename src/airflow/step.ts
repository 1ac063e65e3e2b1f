import type { Context } from '../context.ts';
import type { StepEvent } from '../events.ts';

type StepFields = Pick<StepEvent, 'id' | 'text'>;
type StepUpdate = Partial<Pick<StepEvent, 'detail' | 'current' | 'total'>>;

/** Does one piece of work and tells of its start, its progress and its end. */
export async function step<T>(
  context: Pick<Context, 'emit'>,
  fields: StepFields,
  work: (update: (change: StepUpdate) => void) => Promise<T>,
): Promise<T> {
  let known: StepUpdate = {};
  const emit = (state: StepEvent['state']) => context.emit({ type: 'step', ...fields, ...known, state });
  emit('working');
  try {
    const result = await work((change) => {
      known = { ...known, ...change };
      emit('working');
    });
    emit('done');
    return result;
  } catch (error) {
    emit('failed');
    throw error;
  }
}
