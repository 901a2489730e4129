/** How every service finds Redis. */
import { setting, settingText } from './settings.js';

export const redisSettings = {
  redisUrl: setting(
    'REDIS_URL',
    settingText.urls(['redis:', 'rediss:']),
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
    settingText.string(),
    'Beginning of every key, so that several installations can share one Redis.',
    { defaultText: 'conference' },
  ),
} as const;
