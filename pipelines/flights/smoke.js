// Loads the model as a server would, and asks it about two flights.
import { readFileSync } from 'node:fs';
import { predict } from './lib/model.js';

const model = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const asked = {
  hour: [7, 19],
  weekday: [2, 5],
  origin: ['ATL', 'nowhere'],
  destination: ['ORD', 'ORD'],
  log_distance: [Math.log(606), Math.log(300)],
  late: [0, 0],
};
const [known, unknown] = predict(model, asked);
for (const share of [known, unknown])
  if (!(share > 0 && share < 1)) throw new Error(`a probability of ${share} cannot be served`);
console.log(
  `ATL to ORD at 7: ${(known * 100).toFixed(1)} %; an unknown airport at 19: ${(unknown * 100).toFixed(1)} %`,
);
