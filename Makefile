# Thin aliases; the work is done by the scripts beside this file. Build caches live outside the checkout.
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/rapport/target

.PHONY: run test build web soak ux clean

run: ## the demo workspace with the playground on http://127.0.0.1:8080
	@scripts/run

test: ## everything that matters, in one summary
	@scripts/test

build: web ## web and release binary at target/release/rapport
	@CARGO_TARGET_DIR=target cargo build --release --locked -p rapport-server

web: ## console, playground and widget into web/*/dist
	@scripts/web

soak: ## the long campaigns: fuzz-like property tests with many cases, all pairs on both stores
	@scripts/soak

ux: ## figures of the pages in a browser: scrolling, opening a conversation, the website chat; 1 when a goal is missed
	@scripts/ux

clean: ## what builds and runs leave behind
	@rm -rf target data web/console/dist web/widget/dist
