import { expect, test } from 'vitest';
import { defer } from './defer.ts';
import { FairBackendError } from './errors.ts';

const SCRIPT = `local rcall = redis.call
--- Includes
local function one(key)
  if key then
    return rcall("GET", key)
  end
end
local two = function (key)
  return one(key)
end
local function three(key)
  return two(key) or one(key)
end
return three(KEYS[1])`;

test('functions that few runs call are made when one of them is called', () => {
  expect(defer(SCRIPT, ['three'])).toBe(`local rcall = redis.call
--- Includes

local three
local function rare()
local function one(key)
  if key then
    return rcall("GET", key)
  end
end
local two = function (key)
  return one(key)
end
return { one = one, two = two }
end
function three(key)
  return rare().two(key) or rare().one(key)
end



return three(KEYS[1])`);
});

test('a frequent function that a rare one calls is known to it', () => {
  expect(defer(SCRIPT, ['one', 'three'])).toMatch(
    /^local one, three$[\s\S]*local function rare\(\)[\s\S]*return one\(key\)/m,
  );
});

test('a function that the script does not have is refused', () => {
  expect(() => defer(SCRIPT, ['four'])).toThrow(FairBackendError);
});
