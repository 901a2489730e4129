import { expect, test } from '@jest/globals';
import { mergeMetricsTexts } from './metrics-text.js';

const facade = `# HELP conference_facade_rooms Rooms.
# TYPE conference_facade_rooms gauge
conference_facade_rooms{muc_service="a"} 3
`;
const tracker = `# HELP conference_tracker_events_total Events.
# TYPE conference_tracker_events_total counter
conference_tracker_events_total{kind="join"} 5
conference_tracker_events_total{kind="odd \\"} name"} 1

# HELP conference_tracker_lag_seconds Lag.
# TYPE conference_tracker_lag_seconds histogram
conference_tracker_lag_seconds_bucket{le="0.1"} 1
conference_tracker_lag_seconds_bucket{le="+Inf"} 2
conference_tracker_lag_seconds_sum 0.5
conference_tracker_lag_seconds_count 2
`;

test('one text stays as it is, but for empty lines', () => {
  expect(mergeMetricsTexts([tracker])).toBe(tracker.replace('\n\n', '\n'));
});

test('families that occur twice are written once, with the first value of each series', () => {
  const older = tracker.replaceAll('"join"} 5', '"join"} 4').replace('sum 0.5', 'sum 0.4');
  const more = `# HELP conference_tracker_events_total Events.
# TYPE conference_tracker_events_total counter
conference_tracker_events_total{kind="leave"} 9
`;
  expect(mergeMetricsTexts([facade, tracker, older, more])).toBe(
    facade + tracker.replace('\n\n', '\nconference_tracker_events_total{kind="leave"} 9\n'),
  );
});

test('nothing at all is nothing', () => {
  expect(mergeMetricsTexts(['', '\n'])).toBe('');
});
