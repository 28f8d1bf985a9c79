COMMENT ON TABLE users IS 'who? \?';
