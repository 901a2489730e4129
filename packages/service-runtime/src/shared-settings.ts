/** Settings that tracker and facade both read, and that must say the same to both. */
import { isDomain, normaliseJidPart } from '@conference/muc';
import { LOG_LEVELS } from './logger.js';
import { setting, settingText } from './settings.js';

export const sharedSettings = {
  mucServices: setting(
    'MUC_SERVICES',
    settingText
      .list()
      .refine((names) => names.every(isDomain), 'must name domains, separated by commas')
      .refine(
        (names) => new Set(names.map(normaliseJidPart)).size === names.length,
        'must name each service once (upper and lower case do not count)',
      ),
    'Domains of the MUC services whose rooms are followed and listed, separated by commas.',
    { defaultText: 'conference.localhost' },
  ),
  logLevel: setting(
    'LOG_LEVEL',
    settingText.oneOf(LOG_LEVELS),
    `Least severe level that is logged: ${LOG_LEVELS.join(', ')}.`,
    { defaultText: 'info' },
  ),
} as const;
