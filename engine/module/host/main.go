// The host is a small stand-in for `pulumi-language-python`, used only where the official one cannot be had.
//
// The engine starts it to run Python programs, twice in most runs. Left out against the official host: poetry,
// debugging, code generation, `pulumi install`, plugins that are packages, the stack's settings for policy packs, and
// the version of Python in `pulumi about`, for which each run would start one more Python.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

const (
	version = "0.1.0"
	bailed  = 32              // the program's exit code for: I failed, and have told the user why
	grace   = 5 * time.Second // how long a program that was interrupted may take to end
	listing = "import importlib.metadata as m; [print(d.name, d.version) for d in m.distributions()]"
)

// host is the service that the engine calls. What is not here answers "unimplemented", which the engine understands.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	engine string
	here   string

	lock     sync.Mutex
	programs map[*exec.Cmd]chan struct{} // each with what is closed when it has ended
	plugins  map[*exec.Cmd]struct{}
}

func (h *host) Handshake(
	_ context.Context, request *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	if request.GetEngineAddress() != "" {
		h.engine = request.GetEngineAddress()
	}
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version}, nil
}

func (h *host) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

func (h *host) About(_ context.Context, request *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	python, err := pythonOf(request.GetInfo())
	if err != nil {
		return nil, err
	}
	return &pulumirpc.AboutResponse{Executable: python}, nil
}

func (h *host) GetProgramDependencies(
	_ context.Context, request *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	python, err := pythonOf(request.GetInfo())
	if err != nil {
		return nil, err
	}
	said, _ := exec.Command(python, "-c", listing).Output()
	answer := &pulumirpc.GetProgramDependenciesResponse{}
	seen := map[string]bool{}
	for _, line := range strings.Split(string(said), "\n") {
		if name, number, found := strings.Cut(line, " "); found && !seen[line] {
			seen[line] = true
			answer.Dependencies = append(answer.Dependencies, &pulumirpc.DependencyInfo{Name: name, Version: number})
		}
	}
	sort.Slice(answer.Dependencies, func(i, j int) bool {
		return answer.Dependencies[i].GetName() < answer.Dependencies[j].GetName()
	})
	return answer, nil
}

func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	go h.stop()
	return &emptypb.Empty{}, nil
}

func (h *host) Run(_ context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	python, err := pythonOf(request.GetInfo())
	if err != nil {
		return nil, err
	}
	environment, err := environmentOf(request, python)
	if err != nil {
		return nil, err
	}
	// In our process group, as with the official host: what interrupts us interrupts the program too, and Python shows
	// that as a traceback.
	program := exec.Command(python, append([]string{"-u"}, h.arguments(request)...)...)
	program.Env, program.Stdout, program.Stderr = environment, os.Stdout, os.Stderr
	code, err := h.run(program)
	switch {
	case err != nil:
		return nil, err
	case code == 0:
		return &pulumirpc.RunResponse{}, nil
	case code == bailed:
		return &pulumirpc.RunResponse{Bail: true}, nil
	}
	return &pulumirpc.RunResponse{Error: fmt.Sprintf("program exited with non-zero exit code: %d", code)}, nil
}

func (h *host) arguments(request *pulumirpc.RunRequest) []string {
	dryRun := "false"
	if request.GetDryRun() {
		dryRun = "true"
	}
	arguments := []string{filepath.Join(h.here, "pulumi-language-python-exec")}
	for _, option := range [][2]string{
		{"monitor", request.GetMonitorAddress()},
		{"engine", h.engine},
		{"project", request.GetProject()},
		{"root_directory", request.GetInfo().GetRootDirectory()},
		{"stack", request.GetStack()},
		{"pwd", request.GetPwd()},
		{"dry_run", dryRun},
		{"parallel", fmt.Sprint(request.GetParallel())},
		{"organization", request.GetOrganization()},
	} {
		if option[1] != "" {
			arguments = append(arguments, "--"+option[0], option[1])
		}
	}
	entry := request.GetInfo().GetEntryPoint()
	if entry == "" {
		entry = "."
	}
	return append(append(arguments, entry), request.GetArgs()...)
}

// run runs a program to its end. Its exit code is negative if a signal ended it.
func (h *host) run(program *exec.Cmd) (int, error) {
	if err := program.Start(); err != nil {
		return 0, refused("%s", err)
	}
	over := make(chan struct{})
	h.lock.Lock()
	h.programs[program] = over
	h.lock.Unlock()
	_ = program.Wait()
	close(over)
	h.lock.Lock()
	delete(h.programs, program)
	h.lock.Unlock()
	return codeOf(program), nil
}

func codeOf(ended *exec.Cmd) int {
	if how, ok := ended.ProcessState.Sys().(syscall.WaitStatus); ok && how.Signaled() {
		return -int(how.Signal())
	}
	return ended.ProcessState.ExitCode()
}

// stop interrupts the programs, and kills those that do not heed it.
func (h *host) stop() {
	h.lock.Lock()
	running := maps.Clone(h.programs)
	h.lock.Unlock()
	for program := range running {
		_ = program.Process.Signal(syscall.SIGINT)
	}
	until := time.After(grace)
	for _, over := range running {
		select {
		case <-over:
		case <-until:
			for late := range running {
				_ = late.Process.Kill()
			}
			<-over
		}
	}
}

// end leaves nothing behind.
func (h *host) end() {
	h.lock.Lock()
	for plugin := range h.plugins {
		_ = plugin.Process.Kill()
	}
	h.lock.Unlock()
	h.stop()
}

// RunPlugin runs a policy pack, or another plugin that is a folder with a program. It tells its port on its output.
func (h *host) RunPlugin(
	request *pulumirpc.RunPluginRequest, answers grpc.ServerStreamingServer[pulumirpc.RunPluginResponse],
) error {
	python, err := pythonOf(request.GetInfo())
	if err != nil {
		return err
	}
	folder := request.GetInfo().GetProgramDirectory()
	command, within := append([]string{folder}, request.GetArgs()...), request.GetPwd()
	if request.GetKind() == "analyzer" {
		// A pack takes its folder last, and runs in it.
		command, within = append(append([]string{"-u", "-m", "pulumi.policy"}, request.GetArgs()...), folder), folder
	}
	// It is over with the call.
	plugin := exec.CommandContext(answers.Context(), python, command...)
	plugin.Dir = within
	plugin.Env = append(environmentWith(python), request.GetEnv()...)
	var sending sync.Mutex
	send := func(answer *pulumirpc.RunPluginResponse) error {
		sending.Lock()
		defer sending.Unlock()
		return answers.Send(answer)
	}
	plugin.Stdout = sender(func(part []byte) error {
		said := &pulumirpc.RunPluginResponse_Stdout{Stdout: part}
		return send(&pulumirpc.RunPluginResponse{Output: said})
	})
	plugin.Stderr = sender(func(part []byte) error {
		said := &pulumirpc.RunPluginResponse_Stderr{Stderr: part}
		return send(&pulumirpc.RunPluginResponse{Output: said})
	})
	if err := plugin.Start(); err != nil {
		return refused("%s", err)
	}
	h.lock.Lock()
	h.plugins[plugin] = struct{}{}
	h.lock.Unlock()
	_ = plugin.Wait()
	h.lock.Lock()
	delete(h.plugins, plugin)
	h.lock.Unlock()
	code := &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(codeOf(plugin))}
	return send(&pulumirpc.RunPluginResponse{Output: code})
}

type sender func([]byte) error

func (send sender) Write(part []byte) (int, error) {
	return len(part), send(bytes.Clone(part))
}

// pythonOf is the Python that the program runs with, chosen as the official host does.
func pythonOf(info *pulumirpc.ProgramInfo) (string, error) {
	options := info.GetOptions().AsMap()
	toolchain, _ := options["toolchain"].(string)
	toolchain = strings.ToLower(toolchain)
	if toolchain != "" && toolchain != "pip" && toolchain != "uv" {
		return "", refused("the stand-in language host does not know the toolchain '%s'", toolchain)
	}
	virtualenv, _ := options["virtualenv"].(string)
	if virtualenv == "" && toolchain == "uv" {
		virtualenv = ".venv"
	}
	if virtualenv != "" {
		if !filepath.IsAbs(virtualenv) {
			virtualenv = filepath.Join(info.GetRootDirectory(), virtualenv)
		}
		python := filepath.Join(virtualenv, "bin", "python")
		if _, err := os.Stat(python); err != nil {
			return "", refused("the 'virtualenv' of Pulumi.yaml has no Python: %s", python)
		}
		return python, nil
	}
	for _, name := range []string{os.Getenv("PULUMI_PYTHON_CMD"), "python3", "python"} {
		if found, err := exec.LookPath(name); err == nil {
			return found, nil
		}
	}
	return "", refused("no python3 on PATH")
}

func refused(why string, given ...any) error {
	return status.Errorf(codes.FailedPrecondition, why, given...)
}

func environmentOf(request *pulumirpc.RunRequest, python string) ([]string, error) {
	config, err := json.Marshal(orEmpty(request.GetConfig()))
	if err != nil {
		return nil, err
	}
	secret, err := json.Marshal(append([]string{}, request.GetConfigSecretKeys()...))
	if err != nil {
		return nil, err
	}
	given := append(environmentWith(python), "PULUMI_CONFIG="+string(config))
	return append(given, "PULUMI_CONFIG_SECRET_KEYS="+string(secret)), nil
}

func orEmpty(config map[string]string) map[string]string {
	if config == nil {
		return map[string]string{}
	}
	return config
}

// environmentWith is our own environment, with the Python's virtual environment as if it were active.
func environmentWith(python string) []string {
	virtualenv := filepath.Dir(filepath.Dir(python))
	if _, err := os.Stat(filepath.Join(virtualenv, "pyvenv.cfg")); err != nil {
		return os.Environ()
	}
	given := []string{}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PYTHONHOME=") {
			given = append(given, variable)
		}
	}
	path := filepath.Join(virtualenv, "bin") + string(os.PathListSeparator) + os.Getenv("PATH")
	// The last one of a name holds.
	return append(given, "VIRTUAL_ENV="+virtualenv, "PATH="+path)
}

func serve() error {
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	h := &host{
		here:     filepath.Dir(executable),
		programs: map[*exec.Cmd]chan struct{}{},
		plugins:  map[*exec.Cmd]struct{}{},
	}
	for _, argument := range os.Args[1:] {
		if !strings.HasPrefix(argument, "-") {
			h.engine = argument
			break
		}
	}
	over := make(chan os.Signal, 1)
	signal.Notify(over, syscall.SIGINT, syscall.SIGTERM)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	pulumirpc.RegisterLanguageRuntimeServer(server, h)
	go func() { _ = server.Serve(listener) }()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	defer h.end()
	// A killed engine cannot end us: its going shows in our parent.
	for parent, tick := os.Getppid(), time.Tick(time.Second); os.Getppid() == parent; {
		select {
		case <-over:
			return nil
		case <-tick:
		}
	}
	return nil
}

func main() {
	// Not an orderly stop of the server: a Run may still wait for its program, and nobody is left to answer.
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-python:", err)
		os.Exit(1)
	}
}
