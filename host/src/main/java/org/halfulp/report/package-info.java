/** What people look at: charts. */
package org.halfulp.report;
