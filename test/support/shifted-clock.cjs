// Sets the clock of a process to the moment in the file `.clock` of its working folder. From there it goes on.
const { existsSync, readFileSync } = require('node:fs');

if (existsSync('.clock')) {
  const Real = Date;
  const shift = Real.parse(readFileSync('.clock', 'utf8').trim()) - Real.now();
  globalThis.Date = class extends Real {
    constructor(...given) {
      if (given.length === 0) super(Real.now() + shift);
      else super(...given);
    }
    static now() {
      return Real.now() + shift;
    }
  };
}
