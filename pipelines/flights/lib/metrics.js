/** Area under the ROC curve, with mid-ranks for ties; undefined if only one outcome occurs. */
export function auc(labels, scores) {
  const order = Array.from(scores.keys()).sort((i, j) => scores[i] - scores[j]);
  let positives = 0;
  let rankSum = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let ones = 0;
    while (end < order.length && scores[order[end]] === scores[order[start]]) ones += labels[order[end++]];
    positives += ones;
    rankSum += (ones * (start + end + 1)) / 2;
    start = end;
  }
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

const mean = (count, value) => {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += value(i);
  return sum / count;
};

export const logLoss = (labels, scores) =>
  mean(labels.length, (i) => -Math.log(Math.max(1e-15, labels[i] === 1 ? scores[i] : 1 - scores[i])));

export const brier = (labels, scores) => mean(labels.length, (i) => (labels[i] - scores[i]) ** 2);

/** Mean distance between predicted and observed share in ten equal groups by score (expected calibration error). */
export function calibrationError(labels, scores) {
  const order = Array.from(scores.keys()).sort((i, j) => scores[i] - scores[j]);
  const size = Math.ceil(order.length / 10);
  let error = 0;
  for (let start = 0; start < order.length; start += size) {
    const group = order.slice(start, start + size);
    const gap = mean(group.length, (k) => scores[group[k]] - labels[group[k]]);
    error += (Math.abs(gap) * group.length) / order.length;
  }
  return error;
}
