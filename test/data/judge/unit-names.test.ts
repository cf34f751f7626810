import { describe, expect, it } from 'vitest';
import { repairsFor } from '../../../src/data/judge/repairs/repairs.js';
import {
  areEnds,
  dimensionOf,
  isCharge,
  isPrice,
  isStorey,
  mayBeNegative,
} from '../../../src/data/judge/repairs/unit-names.js';

describe('what a column measures by its name', () => {
  it.each([
    ['distance', 'length'],
    ['trip_distance_km', 'length'],
    ['tripDistance', 'length'],
    ['weight_kg', 'mass'],
    ['price', 'money'],
    ['price_per_kg', 'money'],
    ['distance_count', 'count'],
    ['windSpeed', 'speed'],
    ['response_ms', 'time'],
    ['temp', 'temperature'],
    ['x', undefined],
    ['weightKG', 'mass'],
    ['height2Weight', 'mass'],
    ['km__', 'length'],
    ['  km', 'length'],
    ['order count per km', 'count'],
    ['count_price', 'money'],
    ['Straße.km', 'length'],
    ['template', undefined],
    ['', undefined],
  ])('%s: %s', (name, dimension) => {
    expect(dimensionOf(name)).toBe(dimension);
  });
});

describe('what a name says beside', () => {
  it.each([
    ['temperature_c', true],
    ['lon', true],
    ['net_flow', true],
    ['interestRate', true],
    ['profit', true],
    ['weight', false],
    ['price', false],
    ['orders', false],
    ['network', false],
    // amounts of things, whatever happens to them
    ['net_weight', false],
    ['return_count', false],
    ['change_qty', false],
    ['delta_km', false],
    ['net_litres', false],
    ['temperature_change', true],
    ['from_floor', true],
    ['level', true],
    ['floor_area', false],
    ['floor_count', false],
    ['x', false],
  ])('%s may be negative: %s', (name, may) => {
    expect(mayBeNegative(name)).toBe(may);
  });

  it.each([
    ['shipping', true],
    ['delivery_fee', true],
    ['ticketFare', true],
    ['price', false],
    ['feed', false],
    ['temperature', false],
  ])('%s is a charge: %s', (name, is) => {
    expect(isCharge(name)).toBe(is);
  });
});

describe('a price', () => {
  it.each([
    ['unitPrice', true],
    ['rent', true],
    ['revenue', false],
    ['parental_income', false],
  ])('%s is one: %s', (name, is) => {
    expect(isPrice(name)).toBe(is);
  });
});

describe('the repairs that make sense for it', () => {
  const names = (dimension: ReturnType<typeof dimensionOf>, values: readonly number[] = [0, 1000]): string =>
    repairsFor(dimension, values)
      .map((one) => one.name)
      .join('; ');

  it('proposes for money no miles, no pounds and no degrees', () => {
    expect(names('money')).not.toMatch(/miles|pounds|°|kelvin|hours|inches/);
    expect(names('money')).toMatch(/divide by 100(;|$)/);
    expect(names('money')).toMatch(/change the sign/);
  });

  it('proposes for a length its own units only', () => {
    expect(names('length')).toMatch(/miles/);
    expect(names('length')).toMatch(/millimetres/);
    expect(names('length')).toMatch(/divide by 30.48 \(centimetres to feet\)/);
    expect(names(undefined)).not.toMatch(/feet to centimetres|centimetres to feet/);
    expect(names('length')).not.toMatch(/pounds|°|hours/);
  });

  it('proposes degrees for what is called a temperature, and for unnamed values that could be one', () => {
    expect(names('temperature', [-500, 5000])).toMatch(/°F to °C/);
    expect(names(undefined, [-20, 40])).toMatch(/°F to °C/);
    expect(names(undefined, [250, 310])).toMatch(/kelvin/);
    expect(names(undefined, [0, 5000])).not.toMatch(/°/);
    expect(names('count', [-20, 40])).not.toMatch(/°/);
  });

  it('proposes the common units, and no rare ones, where the name says nothing', () => {
    expect(names(undefined)).toMatch(/miles/);
    expect(names(undefined)).toMatch(/pounds to kilograms/);
    expect(names(undefined)).not.toMatch(/knots|ounces|gallons/);
  });

  it('undoes what it applies', () => {
    for (const dimension of ['length', 'temperature', 'time', undefined] as const)
      for (const repair of repairsFor(dimension, [-20, 40]))
        for (const value of [0.5, 3, 12]) expect(repair.apply(repair.undo(value))).toBeCloseTo(value, 6);
  });
});

describe('two names', () => {
  it.each([
    ['from_floor', 'to_floor', true],
    ['toFloor', 'fromFloor', true],
    ['pickup_zone', 'dropoff_zone', true],
    ['pick_up_lat', 'drop_off_lat', true],
    ['origin', 'dest', true],
    ['kwh_in', 'kwh_out', true],
    ['imports', 'exports', true],
    ['from_floor', 'to_zone', false],
    ['from_floor', 'from_zone', false],
    ['start', 'to', false],
    ['a', 'b', false],
    ['from', 'from', false],
  ])('%s and %s are both ends of a movement: %s', (a, b, are) => {
    expect(areEnds(a, b)).toBe(are);
  });

  it('say which columns are storeys', () => {
    expect(['floor', 'from_floor', 'storey', 'floor_area', 'flooring', 'x'].map(isStorey)).toEqual([
      ...Array(3).fill(true),
      ...Array(3).fill(false),
    ]);
  });
});
