// Package models holds the structs that the application reads and writes.
package models

// All is the one list of what the database should have: a table for each model.
func All() []any {
	return []any{
		(*Company)(nil),
		(*CompanySettings)(nil),
		(*User)(nil),
		(*Invitation)(nil),
		(*Client)(nil),
		(*ProjectMember)(nil),
		(*Project)(nil),
		(*TimeEntry)(nil),
		(*Activity)(nil),
		(*Image)(nil),
	}
}
