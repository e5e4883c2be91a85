import type { ModelPlace } from '#agents/index.ts';
import type { Request } from '../perform.ts';

/** A model as policy is asked about it, by the gateway and by whoever wants to know beforehand. */
export function modelSubject({ provider, model }: ModelPlace, asked: string): Request['resource'] {
  const { name, region, dataClass } = provider;
  // The provider's own name decides: an alias of the gateway file is no way around a list.
  const attributes = { model, asked, provider: name };
  return { kind: 'model', id: `${name}/${model}`, region, dataClass, attributes };
}
