#!/usr/bin/env node
import '../dist/src/install-servers-main.js'
