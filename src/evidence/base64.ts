import { z } from 'zod';

/** Base64 in its one canonical spelling (RFC 4648 section 4): other spellings of the same bytes are refused. */
export const base64 = z
  .string()
  .min(1)
  .refine((text) => Buffer.from(text, 'base64').toString('base64') === text, 'not canonical base64');
