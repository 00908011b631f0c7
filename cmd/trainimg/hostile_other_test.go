//go:build !unix

package main

// specialFiles makes nothing, where there are no such files.
func specialFiles(string) (reasons string, err error) { return "", nil }
