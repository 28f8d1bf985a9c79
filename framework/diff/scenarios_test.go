package diff_test

import "slices"

// scenarios are all of them, by what they are about.
func scenarios() []scenario {
	return slices.Concat(tableScenarios(), columnScenarios(), typeScenarios(), keyScenarios(), constraintScenarios(),
		foreignKeyScenarios(), indexScenarios(), enumScenarios(), renameScenarios(), objectScenarios(), scopeScenarios())
}
