/**
 * The arithmetic of {@code org.halfulp.number} on arrays of doubles and codes, fast; every method
 * here has its slow twin there and must equal it in every bit.
 */
package org.halfulp.kernel;
