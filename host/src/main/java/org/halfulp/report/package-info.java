/** What people look at: figures, and pages of them. */
package org.halfulp.report;
