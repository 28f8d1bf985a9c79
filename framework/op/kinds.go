package op

// Kinds returns the zero value of each operation there is, in the order of their
// names: for whoever must know all of them, like a reference of the operations or
// a test that each of them is tried.
func Kinds() []Op {
	return []Op{
		AddCheck{}, AddColumn{}, AddEnumValue{}, AddExclusion{}, AddForeignKey{}, AddPrimaryKey{}, AddUnique{}, AlterColumn{},
		CreateEnum{}, CreateExtension{}, CreateIndex{}, CreateSchema{}, CreateSequence{}, CreateTable{}, CreateTrigger{}, CreateView{},
		DropColumn{}, DropConstraint{}, DropEnum{}, DropEnumValue{}, DropExtension{}, DropIndex{}, DropPrimaryKey{}, DropSchema{},
		DropSequence{}, DropTable{}, DropTrigger{}, DropView{},
		RenameColumn{}, RenameConstraint{}, RenameEnumValue{}, RenameIndex{}, RenameTable{},
		SQL{}, SetComment{}, SetSchema{}, ValidateConstraint{},
	}
}
