/** Numbers of objects are below it: more than a PDF may have (ISO 32000-1, annex C: 8,388,607), and than readers take. */
export const objectNumbers = 2 ** 23;
export const isObjectNumber = (number: number): boolean => number < objectNumbers;

/** Places are below it: no PDF is opened that is as large. */
const placeSpan = 2 ** 30;
/** Honest files have tens of thousands, large ones hundreds: so many take 32 MiB. */
const maxPlaces = 2 ** 22;

export interface ObjectPlaces {
  /** Nothing where it is full. */
  add(number: number, at: number): void;
  /** Where the objects of that number are. Asked for once all are added. */
  of(number: number): Generator<number>;
  /** Some are missing. */
  readonly isFull: boolean;
}

/** Where the objects of a file are, of several with one number all: each takes 8 bytes. */
export function createObjectPlaces(): ObjectPlaces {
  // A number and a place as one, which a double has the bits for.
  let places = new Float64Array(1024);
  let count = 0;
  let isFull = false;
  let inOrder: Float64Array | undefined;
  return {
    get isFull() {
      return isFull;
    },
    add(number, at) {
      if (!isObjectNumber(number)) return;
      isFull ||= count === maxPlaces || at >= placeSpan;
      if (isFull) return;
      if (count === places.length) {
        const larger = new Float64Array(2 * count);
        larger.set(places);
        places = larger;
      }
      places[count] = number * placeSpan + at;
      count += 1;
    },
    *of(number) {
      inOrder ??= places.subarray(0, count).sort();
      let [low, high] = [0, inOrder.length];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((inOrder[middle] ?? 0) < number * placeSpan) low = middle + 1;
        else high = middle;
      }
      for (let index = low; index < inOrder.length; index += 1) {
        const place = inOrder[index] ?? 0;
        if (Math.floor(place / placeSpan) !== number) return;
        yield place % placeSpan;
      }
    },
  };
}
