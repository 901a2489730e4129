/** How every service finds Redis. */
import { setting, settingText } from './settings.js';

export const redisSettings = {
  redisUrl: setting(
    'REDIS_URL',
    settingText.url(['redis:', 'rediss:']),
    'Where Redis is, with user and password if it needs them.',
    { defaultText: 'redis://127.0.0.1:6379', isSecret: true },
  ),
  redisKeyPrefix: setting(
    'REDIS_KEY_PREFIX',
    settingText.string(),
    'Beginning of every key, so that several installations can share one Redis.',
    { defaultText: 'conference' },
  ),
} as const;
