import { expect, it } from 'vitest';
import { proxyFor } from '../../src/platform/proxy.js';

const to = (address: string, env: Readonly<Record<string, string>>): string | undefined =>
  proxyFor(new URL(address), env)?.href;

it('takes the proxy of the scheme, in either case, else that of all, with or without a scheme of its own', () => {
  expect(to('https://a.org', {})).toBe(undefined);
  expect(to('https://a.org', { HTTPS_PROXY: 'http://p:3128' })).toBe('http://p:3128/');
  expect(to('https://a.org', { https_proxy: 'p:3128' })).toBe('http://p:3128/');
  expect(to('http://a.org', { HTTPS_PROXY: 'http://p:3128' })).toBe(undefined);
  expect(to('http://a.org', { HTTP_PROXY: 'https://p' })).toBe('https://p/');
  expect(to('http://a.org', { all_proxy: 'http://p' })).toBe('http://p/');
  expect(to('https://a.org', { HTTPS_PROXY: '', ALL_PROXY: 'http://p' })).toBe('http://p/');
  expect(to('https://a.org', { HTTPS_PROXY: 'socks5://p:1080' })).toBe(undefined);
  expect(to('https://a.org', { HTTPS_PROXY: 'http://[' })).toBe(undefined);
});

it.each([
  ['*', true],
  ['a.org', true],
  ['.a.org', true],
  ['*.a.org', true],
  ['A.ORG', true],
  ['b.org, a.org', true],
  ['b.org a.org', true],
  ['a.org:443', true],
  ['a.org:8443', false],
  ['org', true],
  ['x.a.org', false],
  ['ya.org', false],
  ['', false],
])('goes past it for what NO_PROXY lists: %s', (list, isPast) => {
  expect(to('https://a.org/x', { HTTPS_PROXY: 'http://p', NO_PROXY: list }) === undefined).toBe(isPast);
});
