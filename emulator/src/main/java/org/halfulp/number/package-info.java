/**
 * Formats, rounding, exact arithmetic, names and random bits: one value at a time, obviously right.
 *
 * <p>The contract is {@code docs/arithmetic.md}. Values travel as codes ({@code long}); {@link
 * org.halfulp.number.Real} holds what lies between a code and its rounding.
 */
package org.halfulp.number;
