/* The loss and gradient of a 2-H-H-1 tanh network, written by hand for one purpose: to know what
 * the machine can do. Blocks of 32 samples, dense layers in 4 x 4 register tiles, gradients summed
 * over the batch. The weights of a neuron follow its bias. Build with
 *     gcc -O3 -march=native -shared -fPIC -DH=16
 * LANES doubles fill a vector register (8 with AVX-512, 4 with AVX).
 */
#include <string.h>
#ifndef H
#define H 16
#endif
#ifdef __AVX512F__
#define LANES 8
#else
#define LANES 4
#endif
#define VECTORS 4
#define BLOCK (LANES * VECTORS)

typedef double vec __attribute__((vector_size(8 * LANES), aligned(8)));
typedef long long bits __attribute__((vector_size(8 * LANES), aligned(8)));
typedef vec block[VECTORS];

#define EACH(q) for (int q = 0; q < VECTORS; q++)

static inline vec all(double x) { return x - (vec){0}; }

/* tanh(x) = m / (m + 2), m = exp(2x) - 1: about 2 units in the last place, as replay has it. */
static inline vec tanh_of(vec x) {
  const bits sign = (bits)all(-0.0);
  vec y = (vec)((bits)x & ~sign) * 2.0;
  y = (vec)(((bits)all(40.0) & (y > 40.0)) | ((bits)y & ~(y > 40.0)));
  vec rounded = y * 1.4426950408889634 + 6755399441055744.0, k = rounded - 6755399441055744.0;
  vec r = y - k * 0x1.62e42fee00000p-1;
  r -= k * 0x1.a39ef35793c76p-33;
  vec p = all(0x1.af38a9b0ec855p-26);
  p = p * r + 0x1.289185613a3d6p-22;
  p = p * r + 0x1.71de0dae63bb3p-19;
  p = p * r + 0x1.a019b90d2ae7ap-16;
  p = p * r + 0x1.a01a01a7c41d5p-13;
  p = p * r + 0x1.6c16c1788bd90p-10;
  p = p * r + 0x1.11111111109b3p-7;
  p = p * r + 0x1.5555555553d63p-5;
  p = p * r + 0x1.5555555555556p-3;
  p = p * r + 0x1.0000000000001p-1;
  p = r * r * p + r;
  vec scale = (vec)(((bits)rounded + 1023) << 52);
  vec m = scale * p + (scale - 1.0);
  return (vec)((bits)(m / (m + 2.0)) | ((bits)x & sign));
}

/* A layer of H neurons over n columns: sums of rows by fours, one block of samples at a time. */
static void forward(int n, const double *w, const block *in, block *out) {
  for (int j = 0; j < H; j += 4) {
    block s[4];
    for (int t = 0; t < 4; t++) EACH(q) s[t][q] = all(w[(j + t) * (n + 1)]);
    for (int k = 0; k < n; k++)
      for (int t = 0; t < 4; t++) {
        vec a = all(w[(j + t) * (n + 1) + 1 + k]);
        EACH(q) s[t][q] += a * in[k][q];
      }
    for (int t = 0; t < 4; t++) EACH(q) out[j + t][q] = tanh_of(s[t][q]);
  }
}

/* samples: (batch, 3) row by row; batch a multiple of 32. sums: room for a vec per parameter. */
void mlp(const double *samples, const double *w, double *gradient, double *loss, long batch,
         vec *sums) {
  enum { N1 = 3 * H, N2 = H * (H + 1), ALL = N1 + N2 + H + 1 };
  const double *w2 = w + N1, *w3 = w2 + N2;
  vec *g1 = sums, *g2 = g1 + N1, *g3 = g2 + N2;
  memset(sums, 0, ALL * sizeof(vec));
  for (long i = 0; i < batch; i += BLOCK) {
    block x[3], h1[H], h2[H], d1[H], d2[H], go;
    for (int l = 0; l < BLOCK; l++)
      for (int k = 0; k < 3; k++) ((double *)x[k])[l] = samples[3 * (i + l) + k];
    forward(2, w, x, h1);
    forward(H, w2, h1, h2);
    EACH(q) {
      vec o = all(w3[0]);
      for (int j = 0; j < H; j++) o += w3[1 + j] * h2[j][q];
      vec d = o - x[2][q];
      *(vec *)(loss + i + LANES * q) = d * d;
      go[q] = d + d;
      g3[0] += go[q];
    }
    for (int j = 0; j < H; j++) EACH(q) {
      g3[1 + j] += go[q] * h2[j][q];
      d2[j][q] = go[q] * w3[1 + j] * (1.0 - h2[j][q] * h2[j][q]);
    }
    for (int k = 0; k < H; k += 4) {
      block s[4];
      memset(s, 0, sizeof s);
      for (int j = 0; j < H; j++)
        for (int t = 0; t < 4; t++) {
          vec a = all(w2[j * (H + 1) + 1 + k + t]);
          EACH(q) s[t][q] += a * d2[j][q];
        }
      for (int t = 0; t < 4; t++)
        EACH(q) d1[k + t][q] = s[t][q] * (1.0 - h1[k + t][q] * h1[k + t][q]);
    }
    for (int j = 0; j < H; j += 4)
      for (int k = 0; k < H; k += 4) {
        vec a[4][4];
        for (int s = 0; s < 4; s++)
          for (int t = 0; t < 4; t++) a[s][t] = g2[(j + s) * (H + 1) + 1 + k + t];
        EACH(q)
          for (int s = 0; s < 4; s++)
            for (int t = 0; t < 4; t++) a[s][t] += d2[j + s][q] * h1[k + t][q];
        for (int s = 0; s < 4; s++)
          for (int t = 0; t < 4; t++) g2[(j + s) * (H + 1) + 1 + k + t] = a[s][t];
      }
    for (int j = 0; j < H; j++) EACH(q) {
      g2[j * (H + 1)] += d2[j][q];
      g1[3 * j] += d1[j][q];
      g1[3 * j + 1] += d1[j][q] * x[0][q];
      g1[3 * j + 2] += d1[j][q] * x[1][q];
    }
  }
  for (int p = 0; p < ALL; p++) {
    double total = 0;
    for (int l = 0; l < LANES; l++) total += sums[p][l];
    gradient[p] = total;
  }
}
