module github.com/switchyard-dev/switchyard

go 1.26

require github.com/google/go-cmp v0.7.0

require github.com/go-viper/mapstructure/v2 v2.5.0
