#pragma once

#include "tests/tidy/repository.hpp"

// Each rule reads the whole tree and says where it is broken, with what to write instead and why.
namespace postern::tidy {

// sizes.cpp
Findings long_lines(const Repository& repository);
Findings long_files(const Repository& repository);
Findings long_functions(const Repository& repository);

// words.cpp
Findings banned_calls(const Repository& repository);
Findings unfinished_comments(const Repository& repository);
Findings machine_paths(const Repository& repository);
Findings bool_parameters(const Repository& repository);
Findings header_shape(const Repository& repository);

// includes.cpp
Findings forbidden_arrows(const Repository& repository);
Findings foreign_headers(const Repository& repository);
Findings own_header_first(const Repository& repository);

// furniture.cpp
Findings missing_readmes(const Repository& repository);
Findings incomplete_providers(const Repository& repository);
Findings untested_pairs(const Repository& repository);
Findings migration_gaps(const Repository& repository);
Findings file_names(const Repository& repository);
Findings namespaces(const Repository& repository);
Findings unlisted_metrics(const Repository& repository);
Findings stray_routes(const Repository& repository);

// The folders that are modules, each with those it may use, as cmake/PosternModule.cmake says.
struct Layer {
    std::string module;
    std::vector<std::string> may_use;
};
std::vector<Layer> layers(const Repository& repository);
const Layer* find_layer(const std::vector<Layer>& layers, std::string_view module);

}  // namespace postern::tidy
