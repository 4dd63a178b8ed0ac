/** What the papers predict: contraction factors, thresholds, ranges, bounds. */
package org.halfulp.theory;
