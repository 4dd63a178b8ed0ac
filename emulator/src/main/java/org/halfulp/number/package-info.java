package org.halfulp.number;
