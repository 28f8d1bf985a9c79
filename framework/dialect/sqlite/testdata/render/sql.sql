UPDATE people SET code = 'x';
