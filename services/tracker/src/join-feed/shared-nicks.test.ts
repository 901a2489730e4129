import { beforeEach, describe, expect, test } from '@jest/globals';
import { SharedNicks } from './shared-nicks.js';

let nicks: SharedNicks;

beforeEach(() => {
  nicks = new SharedNicks({ showsEverySession: false });
  nicks.see('anna', ['anna@localhost/phone']);
});

describe('a nick is shared', () => {
  test('when another session is shown on it', () => {
    nicks.see('anna', ['anna@localhost/desk']);
    expect(nicks.mayBeShared('anna')).toBe(true);
  });

  test('for good, whichever session is shown next', () => {
    nicks.see('anna', ['anna@localhost/desk']);
    nicks.see('anna', ['anna@localhost/desk']);
    expect(nicks.mayBeShared('anna')).toBe(true);
  });

  test('when a session takes a nick that one of the same user has', () => {
    nicks.see('annie', ['anna@localhost/desk']);
    nicks.move('annie', 'anna');
    expect([nicks.mayBeShared('anna'), nicks.mayBeShared('annie')]).toEqual([true, false]);
  });
});

describe('a nick may be shared', () => {
  test('that was shown for our join, until all role lists were read', () => {
    nicks.beginProof(['anna']);
    expect([nicks.mayBeShared('anna'), nicks.isUnproved, nicks.hasAny]).toEqual([
      true,
      true,
      false,
    ]);
    nicks.endProof();
    expect([nicks.mayBeShared('anna'), nicks.isUnproved, nicks.hasAny]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('still, where something was told of it while the lists were read', () => {
    nicks.see('bert', ['bert@localhost/phone']);
    nicks.beginProof(['anna', 'bert']);
    nicks.endMixing(['anna'], new Set());
    nicks.endMixing([], new Set(['anna']));
    nicks.endProof(new Set(['anna']));
    expect([nicks.mayBeShared('anna'), nicks.mayBeShared('bert')]).toEqual([true, false]);
  });

  test('in no room of a service that shows all sessions in one of its rooms', () => {
    const sight = { showsEverySession: false };
    const [here, there] = [new SharedNicks(sight), new SharedNicks(sight)];
    here.see('anna', ['anna@localhost/phone']);
    here.see('anna', ['anna@localhost/desk']);
    here.beginProof(['bert']);
    there.see('cleo', ['cleo@localhost/phone', 'cleo@localhost/desk']);
    expect([here.mayBeShared('anna'), here.hasAny, here.isUnproved]).toEqual([false, false, false]);
  });

  test('no more once it has left, or was taken along', () => {
    nicks.see('bert', ['bert@localhost/phone']);
    nicks.beginProof(['anna', 'bert']);
    nicks.forget('anna');
    nicks.move('bert', 'bertie');
    expect([nicks.mayBeShared('anna'), nicks.mayBeShared('bertie')]).toEqual([false, false]);
    expect(nicks.isUnproved).toBe(false);
  });

  test('and is, where a list has it twice', () => {
    nicks.beginProof(['anna', 'bert']);
    nicks.seeListed(['anna', 'bert', 'anna']);
    nicks.endProof();
    expect([nicks.mayBeShared('anna'), nicks.mayBeShared('bert')]).toEqual([true, false]);
    expect(nicks.hasAny).toBe(true);
  });
});

describe('a nick has several roles', () => {
  test('where it is shared and shown in another, until all roles were listed', () => {
    nicks.seeOtherRole('anna');
    expect(nicks.hasMixed).toBe(false);
    nicks.see('anna', ['anna@localhost/desk']);
    nicks.seeOtherRole('anna');
    expect(nicks.hasMixed).toBe(true);
    nicks.endMixing([], new Set());
    expect(nicks.hasMixed).toBe(false);
  });

  test('until it is gone', () => {
    nicks.endMixing(['anna'], new Set());
    nicks.forget('anna');
    expect(nicks.hasMixed).toBe(false);
  });
});

describe('a nick is not shared', () => {
  test('by a session that is shown again', () => {
    nicks.see('anna', ['anna@localhost/phone']);
    expect(nicks.mayBeShared('anna')).toBe(false);
  });

  test('by a session that takes it along', () => {
    nicks.move('anna', 'annie');
    nicks.see('annie', ['anna@localhost/phone']);
    nicks.see('anna', ['bert@localhost/phone']);
    expect([nicks.mayBeShared('anna'), nicks.mayBeShared('annie')]).toEqual([false, false]);
  });

  test('where the room tells all sessions each time', () => {
    nicks.see('anna', ['anna@localhost/phone', 'anna@localhost/desk']);
    nicks.see('anna', ['anna@localhost/desk']);
    nicks.beginProof(['anna']);
    nicks.seeListed(['anna', 'anna']);
    expect([nicks.mayBeShared('anna'), nicks.isUnproved, nicks.hasAny]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('where the room shows no real JIDs', () => {
    nicks.see('bert', []);
    nicks.see('bert', []);
    expect(nicks.mayBeShared('bert')).toBe(false);
  });

  test('once all are gone', () => {
    nicks.see('anna', ['anna@localhost/desk']);
    nicks.forget('anna');
    nicks.see('anna', ['anna@localhost/car']);
    expect(nicks.mayBeShared('anna')).toBe(false);
  });

  test('in a room that is entered anew', () => {
    nicks.beginProof(['anna']);
    nicks.forgetAll();
    nicks.see('anna', ['anna@localhost/desk']);
    expect([nicks.mayBeShared('anna'), nicks.isUnproved]).toEqual([false, false]);
  });
});
