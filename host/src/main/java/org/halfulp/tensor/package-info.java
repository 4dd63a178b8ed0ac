/** Arrays of numbers in files, read and written as streams. */
package org.halfulp.tensor;
