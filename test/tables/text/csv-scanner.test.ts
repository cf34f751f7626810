import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KIND } from '../../../src/tables/text/kinds.js';
import { type CsvFileScan, scanCsvFile } from '../../../src/tables/text/scan-csv-file.js';

let folder = '';
let files = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'refit-scan-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function scan(text: string | Buffer, ending = '.csv') {
  const path = join(folder, `${files++}${ending}`);
  writeFileSync(path, text);
  return scanCsvFile(path);
}

async function scanned(text: string | Buffer, ending?: string): Promise<CsvFileScan> {
  const found = await scan(text, ending);
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  return found.value;
}

/** Kinds of the values of the first column, by name. */
const kinds = ({ columns }: CsvFileScan): readonly string[] =>
  Object.entries(KIND).flatMap(([name, kind]) => (columns[0]?.counts[kind] ? [name] : []));

const layout = ({ dialect }: CsvFileScan) => [String.fromCharCode(dialect.delimiter), ...dialect.names];

describe('the layout', () => {
  it.each([
    ['a,b\n1,2\n', [',', 'a', 'b']],
    ['a;b\n1,5;2\n', [';', 'a', 'b']],
    ['a\tb\n1,5\t2\n', ['\t', 'a', 'b']],
    ['a|b\n1|2\n', ['|', 'a', 'b']],
    ['\uFEFFa,b\n1,2\n', [',', 'a', 'b']],
    ['"a;b";c\n1;2\n', [';', 'a;b', 'c']],
    ['name;price, EUR;qty\nx;1,5;3\n', [';', 'name', 'price, EUR', 'qty']],
    ['\n# made on Monday\na,b\n1,2\n', [',', 'a', 'b']],
    ['#a,b\n1,2\n', [',', '#a', 'b']],
    ['#id,name,v\n1,anna,2\n2,bob,3\n', [',', '#id', 'name', 'v']],
    ['#a,b\nx,y\nz,w\n', [',', '#a', 'b']],
    ['# by ERP, on Monday\nid,v\n1,2\n', [',', 'id', 'v']],
    ['# by ERP, on Monday\n# for us, weekly\n\nid,name\n1,anna\n', [',', 'id', 'name']],
    ['# by ERP; on Monday\n;at;v\n0;2026-03-01;2\n', [';', 'column0', 'at', 'v']],
    ['Datum;Preis, EUR;Menge, kg\n2026-01-01;1,5;2,5\n2026-01-02;3,5;4,5\n', [';', 'Datum', 'Preis, EUR', 'Menge, kg']],
    ['Preis,EUR;n\n1.234,50;6\n2,50;8\n', [';', 'Preis,EUR', 'n']],
    ['name\tplace, land\nanna\tBerlin, DE\nbob\tRom, IT\n', ['\t', 'name', 'place, land']],
    ['id,note;text\n1,all well\n2,a;b\n', [',', 'id', 'note;text']],
    ['5.1,3.5,setosa\n4.9,3.0,setosa\n', [',', 'column0', 'column1', 'column2']],
    ['country,2024,2025\nDE,1,2\n', [',', 'country', '2024', '2025']],
    ['a,A,,a\n1,2,3,4\n', [',', 'a', 'A_1', 'column2', 'a_2']],
  ])('of %j is found by its header', async (text, expected) => {
    expect(layout(await scanned(text))).toEqual(expected);
  });

  it('reads one column as one column, whatever its values contain', async () => {
    const one = await scanned('note\nall well\nstopped; started again\n"Smith, John"\n');
    expect([one.rows, one.brokenRows, one.dialect.names]).toEqual([3, 0, ['note']]);
  });

  it('reads a backslash before a quote as most rows use it', async () => {
    const found = await scanned('a,b\n"x\\"y",1\n"z",2\n');
    expect([found.rows, found.brokenRows]).toEqual([2, 0]);
  });

  it('takes the tab from the name of a file, and unpacks a compressed one', async () => {
    expect(layout(await scanned('a,b\tc\n1\t2\n', '.tsv'))).toEqual(['\t', 'a,b', 'c']);
    expect(layout(await scanned(gzipSync('a,b\n1,2\n'), '.csv.gz'))).toEqual([',', 'a', 'b']);
  });
});

describe('a broken row', () => {
  it.each([
    ['a,b\n1,2\n3\n', 'short', 3],
    ['a,b\n1,2,3\n4,5\n', 'long', 2],
    ['a,b\r\n1,"x"y\r\n3,4\r\n', 'quote', 2],
    ['a,b\n1,2\n3,"open\n5,6\n', 'quote', 3],
    ['a,b\n1,2\na,b\n3,4\n', 'header-again', 3],
    ['a,b\n1,2\n\nx,y\n3,4\n', 'header-again', 4],
    ['a,b\n"1\n2",3\nshort\n', 'short', 4],
    ['# note\na,b\n1,2\nTotal: 1 row\n', 'short', 4],
  ])('of %j is %s, in line %i', async (text, why, line) => {
    const found = await scanned(text);
    expect([found.brokenRows, found.broken[0]?.why, found.broken[0]?.line]).toEqual([1, why, line]);
  });

  it('does not hide the rows after an open quote', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => `${i},"x ${i}"`);
    const found = await scanned(['a,b', ...rows, '500,"open', ...rows, ''].join('\n'));
    expect([found.rows, found.brokenRows, found.broken[0]?.line]).toEqual([1000, 1, 502]);
  });

  it('is cut off where the last line has no end, and only there', async () => {
    expect((await scanned('a,b\n1,2\n3')).broken).toMatchObject([{ why: 'short', isCut: true, line: 3 }]);
    expect((await scanned('a,b\n1\n3,4')).broken).toMatchObject([{ why: 'short', isCut: false, line: 2 }]);
    expect((await scanned('a,b\n1,2\n3,4')).brokenRows).toBe(0);
  });

  it('is no empty line', async () => {
    const found = await scanned('a,b\n1,2\n\n3,4\n\n\n');
    expect([found.rows, found.brokenRows]).toEqual([2, 0]);
  });
});

describe('what a value is written like', () => {
  it.each([
    ['integer', ['0', '-5', '9007199254740992', '123456789012345680', ' 7 ', '+3']],
    ['exactInteger', ['999999999999999999', '-9007199254740993', '12345678901234567', ' 9007199254740993 ']],
    ['bigInteger', ['10000000000000000000', '18446744073709551616', '-1152921504606847000']],
    ['exactBigInteger', ['9999999999999999999', '-12345678901234567890', '1767225600123456789']],
    ['real', ['1.5', '.5', '5.', '-1e-7', '3.0E10', '1e308', '-0.30000000000000004', '9007199254740992.0']],
    ['real', ['0.33333333333333333333', '123456789012345.67', '1.000000000000000056e-01', '1e-320']],
    ['notFinite', ['nan', 'NaN', '-inf', 'Infinity']],
    ['boolean', ['true', 'FALSE']],
    ['code', ['007', '-01', '00.5', '71E26', '+4930123456', '9'.repeat(39)]],
    ['code', ['12345678901234567.89', '9007199254740993.0', '1e-400', `0.${'0'.repeat(400)}1`]],
    ['date', ['2026-03-01', '2026/3/1', '2024-02-29']],
    ['timestamp', ['2026-03-01 10:00', '2026-03-01T10:00:00', '2026-03-01 10:00:00.123']],
    ['zoned', ['2026-03-01T10:00:00Z', '2026-03-01 10:00:00+02', '2026-03-01T10:00:00.5-03:30']],
    ['oddlyZoned', ['2026-03-01T10:00Z', '2026-03-01 10:00:00 +0200']],
    ['time', ['10:00:00', '23:59:59.5']],
    ['localDate', ['01.03.2026', '3/1/2026', '13-02-2026 10:00', '2/13/2026 1:05 PM']],
    [
      'text',
      ['71E2639', '1_000', '0x1F', '-', '1,5', 'yes', '2026-02-30', '2026-13-01', '25:00:00', '1.2.3', 'x"y', 'é'],
    ],
  ])('is %s for %j', async (kind, values) => {
    for (const value of values) expect([value, kinds(await scanned(`v;w\n${value};1\n`))]).toEqual([value, [kind]]);
  });

  it('is the same in quotes, and empty means missing in both', async () => {
    expect(kinds(await scanned('v,w\n"1.5",1\n'))).toEqual(['real']);
    expect(kinds(await scanned('v,w\n"",1\n,2\n'))).toEqual(['empty']);
  });

  it('is known with the first line of each kind', async () => {
    const { columns } = await scanned('v,w\n1,1\n2,1\nn/a,1\n3,1\n');
    expect(columns[0]?.first[KIND.text]).toEqual({ line: 4, value: 'n/a' });
    expect(columns[0]?.counts[KIND.integer]).toBe(3);
  });
});

describe('bytes', () => {
  it('that are no UTF-8 are named with their line, also far into a file', async () => {
    const rows = Array.from({ length: 300_000 }, (_, i) => `${i},abcdefghijkl`).join('\n');
    const latin = Buffer.from(`a,b\n${rows}\n5,M\u00FCnchen\n`, 'latin1');
    expect(await scan(latin)).toMatchObject({ error: { line: 300_002, problem: { found: 'Latin-1' } } });
    const marked = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('a,b\n1,2\n', 'utf16le')]);
    for (const text of [marked, Buffer.from('a,b\n1,2\n', 'utf16le'), marked.swap16()])
      expect(await scan(text)).toMatchObject({ error: { problem: { kind: 'encoding', found: 'UTF-16' } } });
  });

  it('count the ways in which lines end', async () => {
    expect((await scanned('a,b\r\n1,2\n3,4\r\n')).lineEnds).toEqual({
      both: 2,
      lineFeed: 1,
      carriageReturn: 0,
      mixedAt: 2,
    });
    expect((await scanned('a,b\r1,2\r3,4\r')).rows).toBe(2);
    expect((await scanned('a,b\r\n1,"x\ny"\r\n')).lineEnds.mixedAt).toBeUndefined();
  });

  it('of a row that is longer than what is read at once are read whole', async () => {
    const long = 'x'.repeat(6_000_000);
    const found = await scanned(`a,b\n1,${long}\n2,"${long}\n"\n3,y\n`);
    expect([found.rows, found.brokenRows]).toEqual([3, 0]);
  });

  it('that are none, or only empty lines, are an empty file', async () => {
    for (const text of ['', '\n\n', '\uFEFF'])
      expect([text, await scan(text)]).toMatchObject([text, { error: { problem: { kind: 'empty' } } }]);
  });
});
