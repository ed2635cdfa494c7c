import { describe, expect, test } from 'vitest';
import { doing, itemsOf, megabytes, percent, removable, shownSets, standing, toAccept, unwrapped, type ModelFiles } from '../src/lib/models';
import { resolve } from '../src/lib/router';

const item = (id: string, permissive: boolean, more = {}) => ({
  id, name: id.toUpperCase(), purpose: '', package: id, version: '1', download_bytes: 113_507_888,
  licence: { name: '', permissive, text: '' }, supported: true, installed: false, ...more,
});
const set = (id: string, items: string[], more = {}) => ({
  id, name: id, purpose: '', items, installed: false, supported: true, download_bytes: 1, needs_acceptance: false, ...more,
});
const files = (more: Partial<ModelFiles> = {}): ModelFiles => ({
  items: [item('runtime', true), item('net', false)],
  sets: [set('upscale', ['runtime']), set('background', ['runtime', 'net']), set('all', ['runtime', 'net'])],
  job: null, offer: true, ...more,
});
const first = (f: ModelFiles, i = 0) => shownSets(f)[i]!;

describe('models', () => {
  test('the address', () => expect(resolve('/models').page).toBe('models'));
  test('everything together has no line of its own', () => expect(shownSets(files()).map((s) => s.id)).toEqual(['upscale', 'background']));
  test('a set shows its items in order', () => expect(itemsOf(files(), first(files(), 1)).map((i) => i.id)).toEqual(['runtime', 'net']));
  test('an answer without lists is an empty page', () => expect(shownSets(files({ sets: null, items: null }))).toEqual([]));

  test('only licences that ask for more, and that nobody accepted, are asked about', () => {
    const f = files();
    expect(toAccept(f, first(f)).length).toBe(0);
    expect(toAccept(f, first(f, 1)).map((i) => i.id)).toEqual(['net']);
    const done = files({ items: [item('runtime', true), item('net', false, { accepted: { who: 'ada', at: '2026-01-01T00:00:00Z' } })] });
    expect(toAccept(done, first(done, 1))).toEqual([]);
  });

  test('how a set stands', () => {
    const f = files();
    expect(standing(f, first(f))).toBe('Not installed');
    expect(standing(f, set('x', [], { installed: true }))).toBe('Installed');
    expect(standing(f, set('x', [], { supported: false }))).toBe('Not available for this server');
    const running = files({ job: { set: 'upscale', running: true, item: '', step: '', bytes: 0, total: 0 } });
    expect(standing(running, first(running))).toBe('Installing');
    expect(standing(running, first(running, 1))).toBe('Not installed');
  });

  test('progress', () => {
    const job = { set: 'upscale', running: true, item: 'runtime', step: 'downloading', bytes: 30, total: 120 };
    expect(doing(files(), job)).toBe('Downloading RUNTIME');
    expect(doing(files(), { ...job, item: '' })).toBe('Starting');
    expect(percent(job)).toBe(25);
    expect(percent({ ...job, bytes: 500 })).toBe(100);
    expect(percent({ ...job, total: 0 })).toBeNull();
    expect(megabytes(113_507_888)).toBe('114 MB');
    expect(megabytes(1)).toBe('1 MB');
  });

  test('licences flow, and keep their paragraphs and lists', () => {
    expect(unwrapped('One line\nand another.\n\nNext\n- a point\n  that goes on\n- b\n')).toBe('One line and another.\n\nNext\n- a point that goes on\n- b');
  });

  test('what another set stands on stays', () => {
    const both = files({ sets: [set('upscale', ['runtime'], { installed: true }), set('background', ['runtime', 'net'], { installed: true })] });
    expect(removable(both, first(both))).toBe(false);
    expect(removable(both, first(both, 1))).toBe(true);
    const one = files({ sets: [set('upscale', ['runtime'], { installed: true }), set('background', ['runtime', 'net'])] });
    expect(removable(one, first(one))).toBe(true);
    const busy = { ...one, job: { set: 'background', running: true, item: '', step: '', bytes: 0, total: 0 } };
    expect(removable(busy, first(busy))).toBe(false);
  });
});
