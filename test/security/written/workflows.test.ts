import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { createRig } from '../../support/rig.js';

/** A text of a pipeline file stays a text in the file of another system. */

const pipeline = (env: string, run = 'true'): string => `pipeline: p
steps: { s: { run: '${run}', inputs: [], outputs: [o], env: { ${env} } } }
`;

it.each([
  ['a variable', '"A=1; touch x; B": v'],
  ['a variable that it takes', 'A: { from: "A:?}$(touch x)" }'],
])('exports no name of %s that a shell would run', async (_, env) => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline(env) });
  for (const target of [['snakemake'], ['airflow'], ['argo', '--image', 'i']]) {
    const ended = await rig.refit('export', target[0] ?? '', 'p', ...target.slice(1));
    expect(ended).toMatchObject({ exit: 2, stdout: '' });
    expect(ended.stderr).toContain('a variable with a name that no shell takes');
  }
});

it('exports no variable in which Argo would replace something', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('A: "{{workflow.name}}"') });
  const ended = await rig.refit('export', 'argo', 'p', '--image', 'i');
  expect(ended.exit).toBe(2);
  expect(ended.stderr).toContain('a variable of step "s" contains {{');
});

it('gives Kubernetes no references in the commands and variables of Argo', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('A: "$(REFIT_NOW) $$"', 'echo $(REFIT_NOW) $$') });
  const { stdout } = await rig.refit('export', 'argo', 'p', '--image', 'i');
  const { container } = parse(stdout).spec.templates.at(-1);
  expect(container.args[0]).toContain('echo $$(REFIT_NOW) $$$\n');
  expect(container.env.at(-1)).toEqual({ name: 'A', value: '$$(REFIT_NOW) $$$' });
});

/** As Jinja does: a block of raw text, or a value that is a text. */
const rendered = (text: string): string =>
  /^\{% raw %\}/.test(text)
    ? text.replace(/^\{% raw %\}([\s\S]*?)\{% endraw %\}/, '$1')
    : text.replaceAll('{{ "{" }}', '{');

it('writes no text that ends the raw text of Airflow', async () => {
  const value = '{% endraw %}{{ var.value.token }}{{{%- endraw -%}';
  using rig = createRig({ 'pipelines/p.yaml': pipeline(`A: "${value}", B: "{{ x }}"`) });
  const { stdout } = await rig.refit('export', 'airflow', 'p');
  const [, env = ''] = /env=\{\*\*RUN, (.*)\},/.exec(stdout) ?? [];
  const { A, B } = JSON.parse(execFileSync('python3', ['-c', `import json; print(json.dumps({${env}}))`]).toString());
  expect(A.replaceAll('{{ "{" }}', '')).not.toMatch(/\{[{%#]/);
  expect([rendered(A), rendered(B)]).toEqual([value, '{{ x }}']);
});
