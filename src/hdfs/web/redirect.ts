import { RemoteException } from '../store/remoteException.ts';
import { isValidName } from '../store/validName.ts';
import { TICKET_PARAMETER } from './admission.ts';
import { type Answer, emptyAnswer, valueAnswer } from './answer.ts';
import type { WebRequest } from './webRequest.ts';

/** A namenode adds this to where it sends a client: our mark of the second step. */
export const DATA_STEP_PARAMETER = 'namenoderpcaddress';

/**
 * Sends the client to the datanode, which is ourselves under the name it knows. Java's client insists on this
 * step, and adds `&offset=` to the address for each jump in the file.
 */
export function redirect(request: WebRequest): Answer {
  if (!isValidName(request.path))
    throw new RemoteException('InvalidPathException', `Invalid path name ${request.path}`);
  const { encodedPath, encodedQuery } = request.target;
  const query = `${encodedQuery}&${DATA_STEP_PARAMETER}=${request.host}&${TICKET_PARAMETER}=${request.ticket()}`;
  const location = `http://${request.host}${encodedPath}?${query}`;
  if (request.parameters.boolean('noredirect', false)) return valueAnswer('Location', location);
  return emptyAnswer(307, { Location: location });
}
