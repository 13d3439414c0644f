module github.com/switchyard-dev/switchyard

go 1.26.8

require (
	github.com/consensys/gnark-crypto v0.22.0
	github.com/go-viper/mapstructure/v2 v2.5.0
	github.com/google/go-cmp v0.7.0
	golang.org/x/crypto v0.58.0
	golang.org/x/sys v0.49.0
)

require github.com/bits-and-blooms/bitset v1.25.0 // indirect
