import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { columns, files } from './duck.js';

const FACTORS = ['hour', 'weekday', 'origin', 'destination'];

/** Reads the columns that a model needs, as arrays. */
export const readFlights = (path, more = '') =>
  columns(
    `SELECT hour, weekday, origin, destination, ln(greatest(distance, 1))::DOUBLE AS log_distance, late${more}
     FROM ${files([path])} ORDER BY id`,
  );

/** Groups flights that the model cannot tell apart, with their counts: the fit is the same with a quarter of the rows. */
export const readGroups = (path) =>
  columns(
    `SELECT hour, weekday, origin, destination, ln(greatest(distance, 1))::DOUBLE AS log_distance,
       count(*)::INTEGER AS n, sum(late)::INTEGER AS late
     FROM ${files([path])} GROUP BY ALL ORDER BY ALL`,
  );

const sum = (values) => values.reduce((total, value) => total + value, 0);

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** Index of each level of each factor in the coefficients; index 0 is the intercept, 1 the distance. */
function levelsOf(flights) {
  let next = 2;
  return Object.fromEntries(
    FACTORS.map((factor) => {
      const values = [...new Set(flights[factor])].sort((a, b) => (a < b ? -1 : 1));
      return [factor, Object.fromEntries(values.map((value) => [value, next++]))];
    }),
  );
}

/** Coefficient indexes of each flight. A level that was not in the training data gets -1 and adds nothing. */
function encode(flights, levels) {
  const rows = flights.late.length;
  const places = FACTORS.map((factor) => {
    const column = flights[factor];
    return Int32Array.from({ length: rows }, (_, i) => levels[factor][column[i]] ?? -1);
  });
  return { rows, places };
}

/**
 * Logistic regression on the levels of four factors and the log distance, fitted to groups of flights by Newton's method
 * (iteratively reweighted least squares) with a ridge penalty; the linear systems are solved by ml-matrix.
 */
export function fitModel(groups, ridge) {
  const levels = levelsOf(groups);
  const { rows, places } = encode(groups, levels);
  const size = 2 + sum(Object.values(levels).map((level) => Object.keys(level).length));
  const flights = sum(groups.n);
  const center = sum(groups.log_distance.map((value, i) => value * groups.n[i])) / flights;
  const distance = Float64Array.from(groups.log_distance, (value) => value - center);
  const problem = { rows, places, distance, n: groups.n, late: groups.late, ridge, size };
  const model = { levels, center, coefficients: new Array(size).fill(0) };
  let steps = 0;
  for (let gain = 1; gain > 1e-5 && steps < 12; steps++) {
    const update = newtonStep(problem, model.coefficients);
    model.coefficients = model.coefficients.map((value, i) => value + update.change[i]);
    gain = update.gain / flights;
  }
  return { ...model, steps };
}

function newtonStep({ rows, places, distance, n, late, ridge, size }, coefficients) {
  const hessian = Array.from({ length: size }, () => new Float64Array(size));
  const gradient = coefficients.map((value, i) => (i === 0 ? 0 : -ridge * value));
  const [a, b, c, d] = places;
  const at = new Int32Array(6);
  const x = new Float64Array(6).fill(1);
  for (let i = 0; i < rows; i++) {
    at.set([0, 1, a[i], b[i], c[i], d[i]]);
    x[1] = distance[i];
    let odds = 0;
    for (let j = 0; j < 6; j++) odds += coefficients[at[j]] * x[j];
    const p = sigmoid(odds);
    const weight = n[i] * p * (1 - p);
    for (let j = 0; j < 6; j++) {
      gradient[at[j]] += (late[i] - n[i] * p) * x[j];
      const row = hessian[at[j]];
      const scaled = weight * x[j];
      for (let k = 0; k <= j; k++) row[at[k]] += scaled * x[k];
    }
  }
  // Indexes grow from factor to factor, so only the lower triangle is filled.
  const matrix = new Matrix(size, size);
  for (let j = 0; j < size; j++)
    for (let k = 0; k <= j; k++) {
      const value = hessian[j][k] + (j === k && j > 0 ? ridge : 0);
      matrix.set(j, k, value);
      matrix.set(k, j, value);
    }
  const change = new CholeskyDecomposition(matrix).solve(Matrix.columnVector(gradient)).to1DArray();
  // Expected rise of the log-likelihood; close to 0 means converged.
  return { change, gain: sum(change.map((value, i) => value * gradient[i])) / 2 };
}

/** Probability of being late, for every flight. */
export function predict(model, flights) {
  const { rows, places } = encode(flights, model.levels);
  const { coefficients, center } = model;
  return Float64Array.from({ length: rows }, (_, i) => {
    let odds = coefficients[0] + coefficients[1] * (flights.log_distance[i] - center);
    for (const place of places) if (place[i] >= 0) odds += coefficients[place[i]];
    return sigmoid(odds);
  });
}

/** The baselines: the overall rate, and the average of each route, shrunk towards the rate where flights are few. */
export function fitBaselines(groups) {
  const rate = sum(groups.late) / sum(groups.n);
  const seen = new Map();
  groups.n.forEach((n, i) => {
    const route = `${groups.origin[i]}-${groups.destination[i]}`;
    const [count, late] = seen.get(route) ?? [0, 0];
    seen.set(route, [count + n, late + groups.late[i]]);
  });
  const strength = 20;
  const routes = [...seen].map(([route, [count, late]]) => [route, (late + strength * rate) / (count + strength)]);
  return { rate, routes: Object.fromEntries(routes) };
}

export const predictByRoute = ({ rate, routes }, flights) =>
  Float64Array.from(flights.late, (_, i) => routes[`${flights.origin[i]}-${flights.destination[i]}`] ?? rate);
