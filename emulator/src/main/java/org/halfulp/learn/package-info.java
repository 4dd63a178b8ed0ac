/** Data sets, the quantized training step and the runs made of it. */
package org.halfulp.learn;
