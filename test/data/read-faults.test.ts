import { linkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createRig } from '../support/rig.js';

const rows = (count: number): string =>
  Array.from({ length: count }, (_, i) => `2026-03-0${1 + (i % 9)},${i}.5\n`).join('');

describe('check-data of a file', () => {
  it.each([
    ['a short row', `at,v\n${rows(50)}2026-03-09\n${rows(5)}`, 'x.csv:52 has 1 field for 2 names'],
    ['a long row', `at,v\n${rows(50)}2026-03-09,1,2\n`, 'x.csv:52 has 3 fields for 2 names'],
    ['a footer', `at,v\n${rows(9)}55 rows\n`, 'x.csv:11 has 1 field for 2 names'],
    ['a second table', `at,v\n${rows(9)}\na,b,c\n1,2,3\n`, 'x.csv:12 has 3 fields for 2 names'],
    ['a second table of as many columns', `at,v\n${rows(9)}\na,b\n1,2\n`, 'x.csv:12 is a header again'],
    [
      'a file with a byte-order mark behind another one',
      `at,v\n${rows(9)}\uFEFFat,v\n${rows(9)}`,
      'x.csv:11 is a header again',
    ],
    [
      'a byte-order mark before a row',
      `at,v\n${rows(9)}\uFEFF2026-03-01,1\n`,
      'x.csv:11 begins with a byte-order mark',
    ],
    ['two files joined', `at,v\n${rows(9)}at,v\n${rows(9)}`, 'x.csv:11 is a header again'],
    ['a row that is cut off', `at,v\n${rows(9)}2026-0`, 'x.csv:11 is cut off'],
    ['an open quote', `at,v\n${rows(9)}"2026,1\n${rows(9)}`, 'x.csv:11 has a quote that is not closed'],
  ])('finds %s, by its line', async (_, text, words) => {
    using rig = createRig({ 'x.csv': text });
    const { verdict, problems } = await rig.json(4, 'check-data', 'x.csv');
    expect([verdict, problems[0].code]).toEqual(['fail', 'broken-rows']);
    expect(problems[0].detail).toContain(words);
  });

  it.each([
    ['another delimiter in the header', 'a,b,c\n1;2;3\n4;5;6\n', 'line 2'],
    ['a delimiter in the header alone', 'a;b;c\n1\n2\n', 'line 2'],
    ['no delimiter in the header', 'abc\n1,2,3\n4,5,6\n', 'line 2'],
    ['an unclosed quote in the header', '"a,b\n1,2\n', 'line 1'],
    ['a title above the header', 'Sales report\n\na,b\n1,2\n3,4\n', 'line 2'],
    ['a delimiter that refit does not read', 'a^b^c\n1^2^3\n4^5^6\n', 'line 1: 3 fields seem to be separated by "^"'],
    ['a delimiter of two marks', 'a::b\nx::y\nz::w\n', 'line 1: 2 fields seem to be separated by "::"'],
    ['a mark twice', 'a||b||c\n1||2||3\n4||5||6\n', 'line 1: 3 fields seem to be separated by "||"'],
    ['columns that are aligned with spaces', '# made by f\na   b\n1   2\n4.5 6\n', 'line 2: 2 fields seem to be'],
    ['numbers with spaces and no header', '1 2 3\n4 5 6\n7 8 9\n', 'line 1: 3 fields seem to be separated by spaces'],
    ['two delimiters that both fit', 'id,lat;lon,name\n1,5;6,anna\n2,7;8,bob\n', 'line 1: ";" and "," both separate'],
    ['a title in the first of several columns', 'Sales report,,\na,b,c\n1,2,3\n', 'line 1'],
  ])('fails on %s, and says where', async (_, text, place) => {
    using rig = createRig({ 'x.csv': text });
    const ended = await rig.refit('check-data', 'x.csv');
    expect([ended.exit, ended.stderr]).toEqual([4, expect.stringContaining(`x.csv, ${place}`)]);
  });

  it.each([
    ['words with a space', 'full name\nJohn Smith\nMary Jones\nAnna Berg\n'],
    ['a unit behind each number', 'item size\n12 cm\n13 cm\n9 cm\n'],
    ['times', 'time\n12:30\n12:31\n12:45\n'],
    ['addresses', 'mail\na@x.org\nb@x.org\n'],
  ])('reads %s as one column', async (_, text) => {
    using rig = createRig({ 'x.csv': text });
    expect((await rig.json(0, 'check-data', 'x.csv')).verdict).toBe('pass');
  });

  it('says how to read commas in a file whose name promises tabs', async () => {
    using rig = createRig({ 'x.tsv': 'a,b\n1,2\n3,4\n' });
    const { exit, stderr } = await rig.refit('check-data', 'x.tsv');
    expect([exit, stderr]).toEqual([4, expect.stringContaining('2 fields seem to be separated by ","')]);
    expect(stderr).toContain('rename the file to .csv');
  });

  it.each([
    ['Latin-1', Buffer.from('ort;n\nKöln;3\n', 'latin1'), 'line 2', 'iconv -f WINDOWS-1252'],
    ['UTF-16', Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le'), 'UTF-16', 'iconv -f UTF-16'],
    ['UTF-16 without a mark', Buffer.from('a,b\n1,2\n', 'utf16le'), 'UTF-16', 'iconv -f UTF-16'],
  ])('names %s, and how to convert it', async (_, bytes, words, next) => {
    using rig = createRig();
    for (const name of ['x.csv', 'x.jsonl']) {
      writeFileSync(join(rig.root, name), bytes);
      const ended = await rig.refit('check-data', name);
      expect([ended.exit, ended.stderr]).toEqual([4, expect.stringContaining(name)]);
      if (name === 'x.csv') expect(ended.stderr).toMatch(new RegExp(`${words}[\\s\\S]*${next}`));
    }
  });

  it('warns of mixed line ends, and reads all rows', async () => {
    using rig = createRig({
      'crlf.csv': 'a,b\r\n1,2\r\n3,4\r\n',
      'lone.csv': 'a,b\n1,2\r\n3,4\n',
      'header.csv': 'a,b\r\n1,2\n3,4\n',
      'cr.csv': 'a,b\r1,2\r3,4\r',
    });
    for (const name of ['crlf.csv', 'cr.csv'])
      expect(await rig.json(0, 'check-data', name)).toMatchObject({ verdict: 'pass', datasets: [{ rows: 2 }] });
    for (const [name, line] of [
      ['lone.csv', 2],
      ['header.csv', 2],
    ] as const) {
      const { problems, datasets } = await rig.json(0, 'check-data', name);
      expect([datasets[0].rows, problems[0].code, problems[0].detail]).toEqual([
        2,
        'mixed-line-ends',
        expect.stringContaining(`${name}:${line}`),
      ]);
    }
  });

  it('names an empty file, alone and among others', async () => {
    using rig = createRig({ 'e.csv': '', 'lines.csv': '\n\n', 'e.jsonl': '', 'x.csv': 'a,b\n1,2\n' });
    for (const name of ['e.csv', 'lines.csv', 'e.jsonl']) {
      const { problems } = await rig.json(4, 'check-data', name);
      expect([problems[0].code, problems[0].detail]).toEqual(['empty', expect.stringContaining(name)]);
    }
    const { problems } = await rig.json(4, 'check-data', 'x.csv', 'e.csv');
    expect(problems[0]).toMatchObject({ code: 'empty-file', detail: expect.stringContaining('e.csv') });
  });

  it('names a file that is read twice: by its own name, by a link and by a second name', async () => {
    using rig = createRig({ 'a.csv': 'a,b\n1,2\n', 'copy.csv': 'a,b\n1,2\n' });
    symlinkSync('a.csv', join(rig.root, 'latest.csv'));
    linkSync(join(rig.root, 'a.csv'), join(rig.root, 'second.csv'));
    for (const again of ['a.csv', 'latest.csv', 'second.csv']) {
      const { problems } = await rig.json(4, 'check-data', 'a.csv', again);
      expect([problems[0].code, problems[0].detail]).toEqual([
        'same-file',
        expect.stringContaining(again === 'a.csv' ? 'a.csv twice' : `${again} is a.csv`),
      ]);
    }
    expect((await rig.json(0, 'check-data', 'a.csv', 'copy.csv')).problems).toEqual([]);
  });

  it('names the files that the folder of a dataset leaves out, and links that lead nowhere', async () => {
    using rig = createRig({
      'pipelines/p.yaml':
        'pipeline: p\ndatasets: { d: { path: data } }\nsteps: { s: { run: "true", inputs: ["${{ datasets.d }}"] } }\n',
      'data/1.csv': 'a,b\n1,2\n',
      'data/2.csv.bz2': 'BZh9',
      'data/below/3.txt': 'a,b\n1,2\n',
      'data/_SUCCESS': '',
      'data/README.md': '# rows',
      'data/1.csv.dvc': 'outs: []',
    });
    symlinkSync('gone.csv', join(rig.root, 'data/4.csv'));
    for (const command of ['validate', 'check-data', 'run']) {
      const { stderr } = await rig.refit(command, 'p');
      expect(stderr).toContain('leaves out 2 files of the folder data: data/2.csv.bz2, data/below/3.txt\n');
      expect(stderr.match(/data\/4\.csv is a link that leads nowhere/g)).toHaveLength(1);
    }
  });

  it('reads dates with the day first if a value shows it, and reports that', async () => {
    using rig = createRig({
      'slash.csv': 'at,v\n01/02/2026,1\n25/02/2026,2\n',
      'dots.csv': 'at,v\n01.02.2026,1\n03.02.2026,2\n',
      'month.csv': 'at,v\n01/02/2026,1\n02/25/2026,2\n',
      'open.csv': 'at,v\n01/02/2026,1\n03/02/2026,2\n',
      'both.csv': 'at,v\n25/02/2026,1\n02/25/2026,2\n',
      'iso.csv': 'at,v\n2026-02-25,1\n02/03/2026,2\n',
      'slash.jsonl': '{"at":"25/02/2026"}\n{"at":"26/02/2026"}\n',
    });
    const codes = async (exit: number, ...args: readonly string[]) =>
      (await rig.json(exit, 'check-data', ...args)).problems.map((one: { code: string }) => one.code);
    expect(await codes(0, 'slash.csv', '--time', 'at')).toEqual(['day-first-dates']);
    expect(await codes(0, 'dots.csv', '--time', 'at')).toEqual([]);
    expect(await codes(0, 'month.csv', '--time', 'at')).toEqual([]);
    for (const name of ['open.csv', 'both.csv', 'iso.csv', 'slash.jsonl'])
      expect(await codes(0, name), name).toEqual(['ambiguous-dates']);
    expect(await codes(4, 'both.csv', '--time', 'at')).toEqual(['unreadable-times']);
    const open = await rig.refit('check-data', 'open.csv', '--time', 'at');
    expect([open.exit, open.stderr]).toEqual([4, expect.stringContaining('open.csv, line 2: "01/02/2026" in at')]);
    for (const name of ['slash.csv', 'dots.csv'])
      expect((await rig.json(0, 'check-data', name, '--time', 'at', '--now', '2026-02-15')).datasets[0].rows).toBe(
        name === 'slash.csv' ? 1 : 2,
      );
  });

  it('calls no values equal that a number or a microsecond would make so', async () => {
    const schema = 'columns: { v: { unique: true } }\n';
    const of = (...values: readonly string[]): string => `v\n${values.join('\n')}\n`;
    using rig = createRig({
      'unique.yaml': schema,
      'id.csv': of('9007199254740993', '9007199254740992', '1.5'),
      'amount.csv': of('12345678901234567.89', '12345678901234567.88'),
      'nano.csv': of('2026-03-01T10:00:00.123456789', '2026-03-01T10:00:00.123456123'),
      'id.jsonl': '{"v":9007199254740993}\n{"v":9007199254740992}\n{"v":1.5}\n',
    });
    for (const name of ['id.csv', 'amount.csv', 'nano.csv', 'id.jsonl'])
      expect((await rig.json(0, 'check-data', name, '--schema', 'unique.yaml')).problems, name).toEqual([]);
  });

  it('writes long whole numbers to Parquet as they are', async () => {
    using rig = createRig({ 'id.csv': 'v\n1767225600123456789\n99999999999999999999\n' });
    expect((await rig.refit('check-data', 'id.csv', '--clean', 'id.parquet')).exit).toBe(0);
    expect((await rig.refit('check-data', 'id.parquet', '--clean', 'again.csv')).exit).toBe(0);
    expect(rig.read('again.csv')).toBe('v\n1767225600123456789\n99999999999999999999\n');
  });

  it('names the rows whose time cannot be read: they are in no window', async () => {
    using rig = createRig({
      'word.csv': 'at,v\n2026-03-01,1\nsoon,2\n',
      'epoch.csv': 'at,v\n1767225600,1\n17,2\n',
      'day.csv': 'at,v\n2026-02-28,1\n2026-02-30,2\n',
      'word.jsonl': '{"at":"2026-03-01"}\n{"at":"soon"}\n',
    });
    for (const [name, place] of [
      ['word.csv', '"soon" in word.csv:3'],
      ['epoch.csv', '"17" in row 2 of epoch.csv'],
      ['day.csv', '"2026-02-30" in day.csv:3'],
      ['word.jsonl', '"soon" in word.jsonl:2'],
    ] as const) {
      const { problems } = await rig.json(4, 'check-data', name, '--time', 'at');
      expect([problems[0].code, problems[0].detail]).toEqual(['unreadable-times', expect.stringContaining(place)]);
    }
  });

  it('reads columns as a schema says, and names the first value that does not fit', async () => {
    const schema = 'columns: { code: { type: text }, v: { type: number } }\n';
    const values = Array.from({ length: 30 }, (_, i) => `${100 + i},${i}`).join('\n');
    using rig = createRig({
      's.yaml': schema,
      'good.csv': `code,v\n${values}\n`,
      'bad.csv': `code,v\n${values}\n7,n/a\n`,
    });
    expect((await rig.json(0, 'check-data', 'good.csv', '--schema', 's.yaml')).verdict).toBe('pass');
    const { problems } = await rig.json(4, 'check-data', 'bad.csv', '--schema', 's.yaml');
    expect(problems[0]).toMatchObject({ code: 'type-changed', column: 'v', rows: 1 });
    expect(problems[0].detail).toContain('"n/a" in bad.csv:32');
  });
});

it('hides later rows of files with --now, and refuses --now without a time column', async () => {
  using rig = createRig({ 'x.csv': `at,v\n${rows(90)}` });
  expect((await rig.json(0, 'check-data', 'x.csv', '--time', 'at', '--now', '2026-03-05')).datasets[0].rows).toBe(40);
  expect((await rig.refit('check-data', 'x.csv', '--now', '2026-03-05')).exit).toBe(2);
  const drift = ['check-drift', '--reference', 'x.csv', '--current', 'x.csv', '--now', '2026-03-07'];
  expect((await rig.json(0, ...drift, '--time', 'at')).current.rows).toBe(60);
  expect((await rig.refit(...drift)).exit).toBe(2);
});

it('counts a broken row in the windows of the rows around it', async () => {
  const day = (date: number): string => Array.from({ length: 9 }, (_, i) => `2026-03-0${date},${i}\n`).join('');
  using rig = createRig({
    'data/x.csv': `at,v\n${day(1)}oops\n${day(2)}${day(3)}${day(4)}`,
    'rows.csv': '',
    'pipelines/p.yaml': `pipeline: p
datasets: { x: { path: data/x.csv, time: at } }
steps: { copy: { run: "cp \${{ datasets.x }} rows.csv", inputs: ["\${{ datasets.x }}"], outputs: [rows.csv] } }
monitor: { reference: rows.csv, current: { dataset: x, window: 2d } }
`,
  });
  const codes = async (exit: number, now: string) =>
    (await rig.json(exit, 'check-data', 'p', '--now', now)).datasets?.[0]?.problems.map(
      (one: { code: string }) => one.code,
    );
  expect(await codes(4, '2026-03-03')).toEqual(['broken-rows']);
  expect(await codes(0, '2026-03-05')).toEqual([]);
});

it('reads a table whose first line names its delimiter for Excel', async () => {
  using rig = createRig({
    'semicolon.csv': 'sep=;\na;b\n1;2,5\n3;4\n',
    'comma.csv': '\uFEFFsep=,\r\na,b\r\n1,2\r\n3,4\r\n',
    'caret.csv': 'sep=^\na^b\n1^2\n3^4\n',
    'name.csv': 'sep=x,b\n1,2\n3,4\n',
  });
  const columns = async (name: string) =>
    Object.keys(parse((await rig.refit('check-data', name, '--infer')).stdout).columns);
  for (const name of ['semicolon.csv', 'comma.csv', 'caret.csv']) expect(await columns(name)).toEqual(['a', 'b']);
  expect(await columns('name.csv')).toEqual(['sep=x', 'b']);
});

it('names columns whose name is there twice', async () => {
  using rig = createRig({ 'x.csv': 'a,b,a\n1,2,3\n', 'case.csv': '\na,A\n1,2\n', 'one.csv': 'a,a_1\n1,2\n' });
  const found = async (name: string) =>
    (await rig.json(0, 'check-data', name)).problems.map(({ code, detail }: { code: string; detail: string }) => [
      code,
      detail,
    ]);
  expect(await found('x.csv')).toEqual([
    ['repeated-name', 'x.csv:1 names two columns "a"; the later one is read as a_1'],
  ]);
  expect(await found('case.csv')).toEqual([
    ['repeated-name', 'case.csv:2 names two columns "A"; the later one is read as A_1'],
  ]);
  expect(await found('one.csv')).toEqual([]);
});

it('names a footer that has as many fields as the rows', async () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${i},${i}\n`).join('');
  using rig = createRig({
    'ten.csv': `a,b\n${numbers(10)}Total,45\n`,
    'few.csv': 'a,b\n1,2\n3,4\nTotal,6\n',
    'nine.csv': `a,b\n${numbers(9)}X7,36\n`,
    'inside.csv': `a,b\n${numbers(10)}X7,45\n11,1\n`,
    'words.csv': `a,b\n${numbers(10)}X7,1\nX8,1\n`,
  });
  const found = async (name: string) =>
    (await rig.json(0, 'check-data', name)).problems.map(({ code, column, detail }: Record<string, string>) => [
      code,
      column,
      /\(\S+:\d+\)/.exec(detail ?? '')?.[0],
    ]);
  expect(await found('ten.csv')).toEqual([['footer', 'a', '(ten.csv:12)']]);
  expect(await found('few.csv')).toEqual([['footer', 'a', '(few.csv:4)']]);
  for (const name of ['nine.csv', 'inside.csv', 'words.csv']) expect(await found(name)).toEqual([]);
});

it('names units below the header, and a title above it', async () => {
  using rig = createRig({
    'units.csv': 'id,name,kg\n-,,kg\n1,anna,2\n2,bob,3\n',
    'title.csv': 'Sales report,March\nid,v\n1,2\n3,4\n',
    'missing.csv': 'id,v\nn/a,-\n1,2\n3,4\n',
    'names.csv': 'name,v\nanna,none yet\nbob,3\ncarl,4\n',
  });
  const found = async (name: string) =>
    (await rig.json(0, 'check-data', name)).problems.map(({ code, detail }: Record<string, string>) => [
      code,
      /\(\S+:\d+\)/.exec(detail ?? '')?.[0],
    ]);
  expect(await found('units.csv')).toEqual([['second-header', '(units.csv:2)']]);
  expect(await found('title.csv')).toEqual([['second-header', '(title.csv:2)']]);
  for (const name of ['missing.csv', 'names.csv']) expect(await found(name)).toEqual([]);
}, 300_000);

it("reads no value from DOS's mark for the end of a file", async () => {
  using rig = createRig({ 'a.csv': 'v\n1\n2\n\u001a', 'b.csv': 'id,v\n1,2\n3,4\u001a', 'c.csv': '\u001a' });
  for (const name of ['a.csv', 'b.csv']) {
    const { verdict, datasets } = await rig.json(0, 'check-data', name, '--clean', `${name}.jsonl`);
    expect([name, verdict, datasets[0].rows]).toEqual([name, 'pass', 2]);
    expect(rig.read(`${name}.jsonl`)).toMatch(/"v":[24]\}\n$/);
  }
  expect((await rig.json(4, 'check-data', 'c.csv')).problems[0].code).toBe('empty');
}, 300_000);

it('names a file that shares no column with the others, and names in two encodings', async () => {
  using rig = createRig({
    'a.csv': 'id,name\n1,anna\n',
    'b.csv': 'name,city\ndora,oslo\n',
    'bare.csv': '2,bob\n3,carl\n',
    'words.csv': 'oslo,carl\nrome,dora\n',
    'lfs.csv': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n',
    'nfc.csv': 'caf\u00e9,v\n1,2\n',
    'nfd.csv': 'cafe\u0301,v\n3,4\n',
  });
  const found = async (...files: readonly string[]) =>
    (await rig.json(4, 'check-data', ...files)).problems.filter(
      (one: { severity: string }) => one.severity === 'error',
    );
  const [bare, ...none] = await found('a.csv', 'bare.csv', 'b.csv');
  expect([bare.code, none]).toEqual(['unrelated-files', []]);
  expect(bare.detail).toContain('bare.csv (column0, column1) shares no column with the others');
  expect((await found('words.csv', 'a.csv', 'b.csv'))[0].detail).toContain('words.csv (oslo, carl) shares no column');
  expect(await found('nfc.csv', 'nfd.csv')).toMatchObject([{ code: 'name-forms', column: 'cafe\u0301' }]);
  const lfs = await rig.refit('check-data', 'a.csv', 'lfs.csv');
  expect([lfs.exit, lfs.stderr]).toEqual([4, expect.stringContaining('git lfs pull')]);
}, 300_000);

it('warns of columns that only some files have, unless they may be absent', async () => {
  using rig = createRig({
    '1.csv': 'id,name,old\n1,anna,5\n',
    '2.csv': 'ID,name,old\n2,bob,6\n',
    '3.csv': 'id,name,new,code\n3,carl,7,8\n',
    'late.yaml': 'columns: { new: { optional: true }, code: { optional: true } }\n',
  });
  const found = async (...args: readonly string[]) =>
    (await rig.json(0, 'check-data', '1.csv', '2.csv', '3.csv', ...args)).problems.map(
      ({ code, detail }: Record<string, string>) => [code, detail],
    );
  expect(await found()).toEqual([
    ['partial-columns', 'some files lack columns: old is not in 3.csv; new, code are only in 3.csv'],
  ]);
  expect(await found('--schema', 'late.yaml', '--ignore', 'old')).toEqual([]);
}, 300_000);

it('says of packed files that they are packed, and of damaged ones that they are damaged', async () => {
  using rig = createRig();
  const packed = gzipSync(Array.from({ length: 9000 }, (_, i) => `{"a":${i * 7}}\n`).join(''));
  const files: readonly (readonly [string, Uint8Array | string, string])[] = [
    ['gzip.csv', gzipSync('a,b\n1,2\n'), 'compressed with gzip'],
    ['gzip.jsonl', packed, 'compressed with gzip'],
    ['gzip.json', gzipSync('[{"a":1}]'), 'compressed with gzip'],
    ['book.csv', Buffer.from('PK\u0003\u0004\u0014\u0000', 'latin1'), 'Excel workbook'],
    ['cut.csv.gz', packed.subarray(0, packed.length - 2000), 'no whole gzip file'],
    ['cut.jsonl.gz', packed.subarray(0, packed.length - 2000), 'no whole gzip file'],
    ['plain.csv.gz', 'a,b\n1,2\n', 'no whole gzip file'],
    ['plain.jsonl.gz', '{"a":1}\n', 'no whole gzip file'],
  ];
  for (const [name, bytes, words] of files) {
    writeFileSync(join(rig.root, name), bytes);
    const ended = await rig.refit('check-data', name);
    expect([ended.exit, ended.stderr]).toEqual([4, expect.stringContaining(words)]);
    expect(ended.stderr).toContain(name);
  }
});

it.each([
  ['x.csv', 'a,b\0c\n1,2\n', 'x.csv, line 1: the name "b\\x00c" holds a NUL byte'],
  ['x.jsonl', '{"a\\u0000b":1}\n', 'the name "a\\x00b" holds a NUL byte'],
])('names a NUL in the name of a column of %s', async (name, text, words) => {
  using rig = createRig({ [name]: text });
  const ended = await rig.refit('check-data', name);
  expect([ended.exit, ended.stderr]).toEqual([4, expect.stringContaining(words)]);
});

describe('JSON', () => {
  it.each([
    ['a key that differs in capital letters in one row', '{"b":1}\n{"a":1,"A":2}\n', 'line 2: the key "A"'],
    ['a key that differs in another row', '{"a":1}\n{"b":2}\n{"A":2}\n', 'line 3: the key "A"'],
    ['a key without a name', '{"a":1}\n{"":1}\n', 'line 2: a key is empty'],
  ])('names %s, whose values no column would have', async (_, text, words) => {
    using rig = createRig({ 'x.jsonl': text });
    const ended = await rig.refit('check-data', 'x.jsonl');
    expect([ended.exit, ended.stderr]).toEqual([4, expect.stringContaining(`x.jsonl, ${words}`)]);
  });

  it('reads keys that only look like those', async () => {
    using rig = createRig({ 'x.jsonl': '{"a":1,"a_1":2,"C0":3}\n' });
    expect((await rig.json(0, 'check-data', 'x.jsonl')).problems).toEqual([]);
  });

  it.each([
    ['1e308', 'number'],
    ['1e309', 'text'],
    ['1'.repeat(38), 'integer'],
    ['1'.repeat(39), 'text'],
    ['-1e400', 'text'],
    ['0.5', 'number'],
  ])('keeps %s as it is', async (value, type) => {
    using rig = createRig({ 'x.jsonl': `{"a":${value}}\n{"a":2}\n` });
    const { columns } = parse((await rig.refit('check-data', 'x.jsonl', '--infer')).stdout);
    expect(columns.a.type).toBe(type);
  });
});
