import { Bytes } from './host';

const K: StaticArray<u32> = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
];

/** SHA-256 in hex (FIPS 180-4, letters as there). */
export function sha256(data: Bytes): string {
  const H: StaticArray<u32> = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  ];
  const W = new StaticArray<u32>(64);
  const whole = data.length & ~63;
  for (let at = 0; at < whole; at += 64) block(H, W, data.ptr + at);
  const rest = data.length - whole;
  const tail = heap.alloc(128);
  memory.fill(tail, 0, 128);
  memory.copy(tail, data.ptr + whole, <usize>rest);
  store<u8>(tail + rest, 0x80);
  const size: usize = rest < 56 ? 64 : 128;
  store<u64>(tail + size - 8, bswap<u64>(<u64>data.length << 3));
  for (let at: usize = 0; at < size; at += 64) block(H, W, tail + at);
  heap.free(tail);
  let hex = '';
  for (let i = 0; i < 8; i++) {
    for (let shift = 28; shift >= 0; shift -= 4) hex += '0123456789abcdef'.charAt((H[i] >> shift) & 15);
  }
  return hex;
}

function block(H: StaticArray<u32>, W: StaticArray<u32>, at: usize): void {
  for (let t = 0; t < 16; t++) W[t] = bswap<u32>(load<u32>(at + (<usize>t << 2)));
  for (let t = 16; t < 64; t++) {
    const s0 = rotr<u32>(W[t - 15], 7) ^ rotr<u32>(W[t - 15], 18) ^ (W[t - 15] >> 3);
    const s1 = rotr<u32>(W[t - 2], 17) ^ rotr<u32>(W[t - 2], 19) ^ (W[t - 2] >> 10);
    W[t] = W[t - 16] + s0 + W[t - 7] + s1;
  }
  let a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6], h = H[7];
  for (let t = 0; t < 64; t++) {
    const S1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
    const T1 = h + S1 + ((e & f) ^ (~e & g)) + K[t] + W[t];
    const S0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
    const T2 = S0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + T1;
    d = c;
    c = b;
    b = a;
    a = T1 + T2;
  }
  H[0] += a;
  H[1] += b;
  H[2] += c;
  H[3] += d;
  H[4] += e;
  H[5] += f;
  H[6] += g;
  H[7] += h;
}
