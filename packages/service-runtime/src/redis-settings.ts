/** How every service finds Redis. */
import { z } from 'zod';
import { setting, settingText } from './settings.js';

/** A comma can also stand in a password. */
const SEPARATOR = /,\s*(?=[a-z]+:\/\/)/;

/** One URL, or several with a comma between them, as one text; blanks around them are dropped. */
const redisUrls = z
  .string()
  .transform((text) =>
    text
      .split(SEPARATOR)
      .map((url) => url.trim())
      .join(','),
  )
  // Where a URL is taken apart they are dropped: another password would be left.
  .refine((text) => !/\p{Cc}/u.test(text), 'must hold no control characters')
  .refine(
    (text) => text.split(SEPARATOR).every(isRedisUrl),
    'must be a URL beginning with redis:// or rediss://, with HOST:PORT, before that perhaps ' +
      ':PASSWORD@ with special characters as %XX, behind it perhaps /NUMBER of a database',
  )
  .refine(
    (text) => !/[?#]/.test(text),
    'must have no ? and no #, behind which nothing can be set (for keys see REDIS_KEY_PREFIX); in a password they are %3F and %23',
  );

function isRedisUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, pathname } = new URL(text);
  return (
    ['redis:', 'rediss:'].includes(protocol) &&
    /^(\/\d*)?$/.test(pathname) &&
    [username, password].every(isPercentEncoded)
  );
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

export const redisSettings = {
  redisUrl: setting(
    'REDIS_URL',
    redisUrls,
    'Where Redis is, with user and password if it needs them; of a cluster one node or several, separated by commas.',
    { defaultText: 'redis://127.0.0.1:6379', isSecret: true },
  ),
  isRedisCluster: setting(
    'REDIS_CLUSTER',
    settingText.boolean(),
    'Whether REDIS_URL names nodes of a Redis Cluster: true or false.',
    { defaultText: 'false' },
  ),
  redisKeyPrefix: setting(
    'REDIS_KEY_PREFIX',
    settingText.string().regex(/^[^{}]*$/, 'must hold no braces'),
    'Beginning of every key, so that several installations can share one Redis.',
    { defaultText: 'conference' },
  ),
} as const;
