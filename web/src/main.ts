import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { startNavigation } from './lib/navigation.svelte';

startNavigation();
const target = document.getElementById('app');
if (!target) throw new Error('The page has no #app.');
mount(App, { target });
