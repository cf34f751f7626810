import { expect, it } from 'vitest';
import { newRecords } from '../../src/execute/parents/new-lines.js';

it('keeps the records that are new, as often as they are there more often, in their order and bytes', () => {
  const then = 'a,b\n1,x\n2,y\n2,y\n';
  expect(newRecords('a,b\n2,y\n3,z\n1,x\n2,y\n2,y\n1,x\n', then, true)).toBe('a,b\n3,z\n2,y\n1,x\n');
  expect(newRecords(then, then, true)).toBeUndefined();
  // a record without a line break at the end of the file is the same record
  expect(newRecords('a,b\n1,x\n2,y\n2,y', then, true)).toBeUndefined();
  expect(newRecords('a,b\r\n1,x\r\n3,z\r\n', then, true)).toBe('a,b\r\n3,z\r\n');
});

it('takes a line break inside quotes for a part of the record', () => {
  const then = 'a,b\n1,"one\nline"\n';
  expect(newRecords(`${then}2,"one\nline"\n`, then, true)).toBe('a,b\n2,"one\nline"\n');
  expect(newRecords('a,b\n1,"say ""so""\nor not"\n', then, true)).toBe('a,b\n1,"say ""so""\nor not"\n');
});

it('compares JSON lines from the first on', () => {
  expect(newRecords('{"a":1}\n{"a":2}\n', '{"a":1}\n', false)).toBe('{"a":2}\n');
  expect(newRecords('{"a":2}\n', '', false)).toBe('{"a":2}\n');
});
