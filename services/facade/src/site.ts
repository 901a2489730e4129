/** What a site is: who owns which rooms, and with which keys it is asked for them. */
import { normaliseJidPart } from '@conference/muc';
import { z } from 'zod';

const siteIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'a siteId is 1 to 64 of A-Z a-z 0-9 . _ -')
  .transform(normaliseSiteId);

/**
 * A site owns the rooms whose localpart ends in `|siteId`, in every MUC service, or all rooms of
 * one MUC service.
 */
const roomsSchema = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('suffix') }),
  z.strictObject({
    by: z.literal('mucService'),
    mucService: z.string().min(1).transform(normaliseJidPart),
  }),
]);

const apiKeySchema = z.strictObject({
  id: z.string().min(1),
  /** SHA-256, base64url; see `hashApiKey`. */
  hash: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be a SHA-256 in base64url'),
  createdAt: z.iso.datetime(),
});

const siteSchema = z.strictObject({
  siteId: siteIdSchema,
  rooms: roomsSchema,
  keys: z.array(apiKeySchema),
});

/** The whole file. */
export const sitesSchema = z
  .strictObject({ version: z.literal(1), sites: z.array(siteSchema) })
  .refine(({ sites }) => new Set(sites.map(({ siteId }) => siteId)).size === sites.length, {
    message: 'two sites have the same siteId (upper and lower case do not count)',
  });

export type Sites = z.infer<typeof sitesSchema>;
export type SiteRecord = Sites['sites'][number];
export type OwnedRooms = SiteRecord['rooms'];

/**
 * Brings a siteId into the form in which it is compared: servers normalise localparts, so that
 * the rooms of `siteA` end in `|sitea`.
 */
export function normaliseSiteId(siteId: string): string {
  return siteId.toLowerCase();
}

/** Checks a siteId that a person typed; returns it normalised, or undefined where it is none. */
export function parseSiteId(text: string): string | undefined {
  const result = siteIdSchema.safeParse(text);
  return result.success ? result.data : undefined;
}
