/** Total variation distance ½·Σ|p − q|, 0…1: the share of rows that would have to move (Jordan 1881). */
export { totalVariation } from '../../../statistics/distribution.js';
